/// The byte layout of version 1's effective keys: the 32-bit hash as a number, then the key's own components.
///
/// | component | bytes |
/// |---|---|
/// | undefined, null, false, true | 00, 01, 02, 03 |
/// | number | 05, then the double's bits made to sort as unsigned, in chunks as said below |
/// | string | 08, then each byte of UTF-8 plus one, then 00; of one longer than 100 bytes the first 101 and no 00 |
///
/// A number's first chunk has eight bits, the others seven and a lowest bit of 1, or 0 in the last; chunks of zeros at
/// the end are left out.
///
/// The markers are those of both hashes too.
enum EffectiveKeyV1 {
    static let stringUnitsMax = 100
    private static let stringBytesMax = 100

    static func marker(of value: PartitionKeyValue) -> UInt8 {
        switch value {
        case .undefined: 0x00
        case .null: 0x01
        case .boolean(let value): value ? 0x03 : 0x02
        case .number: 0x05
        case .string: 0x08
        }
    }

    static func append(_ value: PartitionKeyValue, to bytes: inout [UInt8]) {
        bytes.append(marker(of: value))
        switch value {
        case .undefined, .null, .boolean:
            break
        case .number(let value):
            append(number: value, to: &bytes)
        case .string(let value):
            let isShort = value.utf8.count <= stringBytesMax
            for byte in value.utf8.prefix(stringBytesMax + 1) { bytes.append(byte &+ 1) }
            if isShort { bytes.append(0x00) }
        }
    }

    private static func append(number: Double, to bytes: inout [UInt8]) {
        let sign: UInt64 = 1 << 63
        var payload = number.bitPattern
        payload = payload < sign ? payload ^ sign : ~payload &+ 1
        bytes.append(UInt8(truncatingIfNeeded: payload >> 56))
        payload <<= 8
        while payload << 7 != 0 {
            bytes.append(UInt8(truncatingIfNeeded: payload >> 56) | 1)
            payload <<= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: payload >> 56) & 0xFE)
    }

    /// The number that stands first in a key, or nil where there is none.
    static func leadingNumber(in bytes: [UInt8]) -> Double? {
        guard bytes.count > 2, bytes[0] == 0x05 else { return nil }
        var payload = UInt64(bytes[1]) << 56
        var shift = 49
        for byte in bytes[2...] {
            payload |= UInt64(byte >> 1) << UInt64(max(shift, 0))
            shift -= 7
            if byte & 1 == 0 || shift <= -7 { break }
        }
        let sign: UInt64 = 1 << 63
        return Double(bitPattern: payload >= sign ? payload ^ sign : ~(payload &- 1))
    }
}
