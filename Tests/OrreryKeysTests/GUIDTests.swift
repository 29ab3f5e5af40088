import OrreryKeys
import TestSupport
import Testing

struct GUIDTests {
    private func text(_ guid: GUID) -> String {
        var bytes = Array("<".utf8)
        guid.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func everyDigitHasItsPlace() {
        #expect(text(GUID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210))
            == "<01234567-89ab-cdef-fedc-ba9876543210")
        #expect(text(GUID(high: 0, low: .max)) == "<00000000-0000-0000-ffff-ffffffffffff")
    }

    @Test(arguments: [1, 2] as [UInt64]) func readsWhatItWrites(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<1000 {
            let guid = GUID(high: random.next(), low: random.next())
            #expect(GUID(text: Array(text(guid).utf8.dropFirst())) == guid, "seed \(seed)")
        }
    }

    @Test(arguments: [
        "", "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba98765432100",
        "01234567089ab-cdef-fedc-ba9876543210", "0123456g-89ab-cdef-fedc-ba9876543210",
        "01234567-89ab-cdef-fedc-ba987654321-",
    ])
    func readsNothingElse(_ text: String) {
        #expect(GUID(text: Array(text.utf8)) == nil)
    }
}
