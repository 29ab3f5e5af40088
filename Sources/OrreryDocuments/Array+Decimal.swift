extension Array<UInt8> {
    /// Appends a number in decimal digits.
    public mutating func append(decimal number: UInt64) {
        if number > 9 { append(decimal: number / 10) }
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }
}
