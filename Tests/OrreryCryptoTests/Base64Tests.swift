import Foundation
import OrreryCrypto
import Testing

@Suite struct Base64Tests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func examples(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test func agreesWithASecondImplementation() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        for length in 0..<300 {
            let bytes = (0..<length).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.encode(bytes) == text, "seed \(seed)")
            #expect(Base64.decode(text) == bytes, "seed \(seed)")
        }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "Zg==Zg==", "Zm-v",
        "Zm_v",
        "Zm9v====", "é===",
    ])
    func refused(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
