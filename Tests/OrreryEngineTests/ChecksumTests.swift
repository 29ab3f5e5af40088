@testable import OrreryEngine
import Testing

@Suite struct ChecksumTests {
    private func checksum(_ bytes: [UInt8]) -> UInt64 {
        var checksum = Checksum(seed: 1)
        checksum.add(bytes.span)
        return checksum.value
    }

    @Test func everySizeCounts() {
        // Zeros before or after the last bytes make another text, whatever the size is modulo a word.
        for size in 0..<24 {
            let bytes = [UInt8](repeating: 0, count: size)
            #expect(checksum(bytes) != checksum(bytes + [0]))
            #expect(checksum(bytes + [7]) != checksum(bytes + [0, 7]))
            #expect(checksum(bytes + [7]) != checksum(bytes + [7, 0]))
        }
    }

    @Test func everyBitCounts() {
        let bytes = (0..<40).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        for place in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[place] ^= 1 << UInt8(bit)
                #expect(checksum(bytes) != checksum(other), "byte \(place), bit \(bit)")
            }
        }
    }
}
