extension Array<UInt8> {
    /// Appends the last digits of a number, in hexadecimal and small letters.
    mutating func append(hexadecimal number: UInt64, digitCount: Int) {
        for index in (0..<digitCount).reversed() {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(index * 4)) & 15
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
