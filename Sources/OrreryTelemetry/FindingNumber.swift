internal import Synchronization

/// Numbers by which a call is found again, in logs and elsewhere: no two are the same, and none tells of the next at a
/// glance. They guard nothing: one random start, a count and a mixer do, where asking the system for random bits would
/// cost a system call each time.
public enum FindingNumber {
    private static let start = (high: UInt64.random(in: .min ... .max), low: UInt64.random(in: .min ... .max))
    private static let count = Atomic<UInt64>(0)

    /// The next number, in two words.
    public static func next() -> (high: UInt64, low: UInt64) {
        let step = count.wrappingAdd(1, ordering: .relaxed).newValue
        return (mixed(start.high &+ step), mixed(start.low ^ mixed(step)))
    }

    /// The next number in 32 hexadecimal digits.
    public static func digits() -> String {
        let number = next()
        var text: [UInt8] = []
        text.reserveCapacity(32)
        text.append(hexadecimal: number.high, digitCount: 16)
        text.append(hexadecimal: number.low, digitCount: 16)
        return String(decoding: text, as: UTF8.self)
    }

    /// A one-to-one function whose every output bit depends on every input bit (the finalizer of MurmurHash3).
    private static func mixed(_ word: UInt64) -> UInt64 {
        var word = word
        word = (word ^ word >> 33) &* 0xFF51_AFD7_ED55_8CCD
        word = (word ^ word >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return word ^ word >> 33
    }
}
