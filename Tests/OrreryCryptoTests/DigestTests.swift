import OrreryCrypto
import Testing

@Suite struct DigestTests {
    /// FIPS 180-4's examples and the empty message.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256(message: String, digest: String) {
        #expect(SHA256.digest(of: Array(message.utf8)).hex == digest)
    }

    /// RFC 4231, cases 1, 2, 3, 6 and 7.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131),
            Array(
                """
                This is a test using a larger than block-size key and a larger than block-size data. \
                The key needs to be hashed before being used by the HMAC algorithm.
                """.utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ])
    func hmac(key: [UInt8], message: [UInt8], code: String) {
        let keyed = HMACSHA256(key: key)
        for _ in 0..<2 { #expect(keyed.code(for: message).hex == code) }
        #expect(hmacSHA256(key: key, message: message).hex == code)
    }

    @Test func equalityLooksAtEveryByte() throws {
        let digest = SHA256.digest(of: [1])
        #expect(Digest(digest.bytes) == digest)
        for index in 0..<32 {
            var bytes = digest.bytes
            bytes[index] ^= 0x10
            #expect(Digest(bytes) != digest)
        }
        #expect(Digest(hexadecimal: digest.hex) == digest)
        #expect(Digest(hexadecimal: digest.hex.uppercased()) == digest)
        for wrong in ["", "0g", digest.hex + "00", String(digest.hex.dropLast()) + "g"] {
            #expect(Digest(hexadecimal: wrong) == nil, "\(wrong)")
        }
        #expect(Digest([1, 2, 3]) == nil)
        #expect(Digest([UInt8](repeating: 0, count: 33)) == nil)
    }

    @Test func constantTime() {
        #expect(constantTimeEqual([1, 2], [1, 2]))
        #expect(!constantTimeEqual([1, 2], [1, 3]))
        #expect(!constantTimeEqual([1, 2], [1, 2, 0]))
        #expect(!constantTimeEqual([UInt8](), [0]))
        #expect(constantTimeEqual("a".utf8, [97]))
    }

    @Test func randomBytesDiffer() {
        #expect(randomBytes(count: 0).isEmpty)
        #expect(randomBytes(count: 64).count == 64)
        #expect(randomBytes(count: 32) != randomBytes(count: 32))
    }
}
