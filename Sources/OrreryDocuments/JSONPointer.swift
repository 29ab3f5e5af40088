/// A path to a place in a document as a patch writes it: `/names/0/first`, after RFC 6901, `~1` standing for a slash in
/// a name and `~0` for a tilde.
public struct JSONPointer: Sendable, Equatable {
    /// The path as given.
    public let text: String
    /// The decoded names in UTF-8, from the root down; at least one.
    public let names: [[UInt8]]

    /// Nil for anything that does not start with a slash or has a tilde before something other than 0 or 1.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var names: [[UInt8]] = []
        for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            var name: [UInt8] = []
            var isEscape = false
            for byte in part {
                switch (isEscape, byte) {
                case (true, UInt8(ascii: "0")): name.append(UInt8(ascii: "~"))
                case (true, UInt8(ascii: "1")): name.append(UInt8(ascii: "/"))
                case (true, _): return nil
                case (false, UInt8(ascii: "~")): break
                case (false, _): name.append(byte)
                }
                isEscape = !isEscape && byte == UInt8(ascii: "~")
            }
            if isEscape { return nil }
            names.append(name)
        }
        self.text = text
        self.names = names
    }

    /// Whether both name the same place, however they are written.
    public static func == (a: JSONPointer, b: JSONPointer) -> Bool { a.names == b.names }

    /// Whether this place is the one that `other` names, holds it or lies in it.
    public func touches(_ other: [[UInt8]]) -> Bool { names.starts(with: other) || other.starts(with: names) }

    /// Whether this place lies below `other`.
    public func isBelow(_ other: JSONPointer) -> Bool {
        names.count > other.names.count && names.starts(with: other.names)
    }

    /// The position in an array that a name spells: digits without a leading zero.
    static func position(_ name: [UInt8]) -> Int? {
        guard let first = name.first, name.count <= 10, first != UInt8(ascii: "0") || name.count == 1 else {
            return nil
        }
        var position = 0
        for byte in name {
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            position = position * 10 + Int(digit)
        }
        return position
    }
}
