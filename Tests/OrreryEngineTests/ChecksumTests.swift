@testable import OrreryEngine
import Testing

@Suite struct ChecksumTests {
    private func checksum(_ bytes: [UInt8]) -> UInt64 {
        var checksum = Checksum(seed: 1)
        checksum.add(bytes.span)
        return checksum.value
    }

    private func stripedChecksum(_ bytes: [UInt8]) -> UInt64 {
        var checksum = Checksum(seed: 1)
        checksum.addStriped(bytes.span)
        return checksum.value
    }

    @Test func everySizeCountsInStripes() {
        for size in 0..<100 {
            let bytes = [UInt8](repeating: 0, count: size)
            #expect(stripedChecksum(bytes) != stripedChecksum(bytes + [0]))
            #expect(stripedChecksum(bytes + [7]) != stripedChecksum(bytes + [0, 7]))
            #expect(stripedChecksum(bytes + [7]) != stripedChecksum(bytes + [7, 0]))
        }
    }

    @Test func everyBitAndPlaceCountsInStripes() {
        let bytes = (0..<140).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        for place in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[place] ^= 1 << UInt8(bit)
                #expect(stripedChecksum(bytes) != stripedChecksum(other), "byte \(place), bit \(bit)")
            }
        }
        // Words that change places, within a lane and between lanes.
        for first in stride(from: 0, to: 128, by: 8) {
            for second in stride(from: first + 8, to: 136, by: 8) {
                var other = bytes
                for offset in 0..<8 { other.swapAt(first + offset, second + offset) }
                #expect(stripedChecksum(bytes) != stripedChecksum(other), "words at \(first) and \(second)")
            }
        }
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
