/// The pattern of a `LIKE`: `%` stands for any characters, `_` for one, and a backslash takes their meaning away.
struct CESQLPattern: Sendable {
    private enum Part: Sendable, Equatable {
        case byte(UInt8)
        /// One character, of however many bytes.
        case one
        case any
    }

    private let parts: [Part]

    init(_ text: String) {
        var parts: [Part] = []
        var bytes = text.utf8[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "%"): if parts.last != .any { parts.append(.any) }
            case UInt8(ascii: "_"): parts.append(.one)
            case UInt8(ascii: "\\") where bytes.first == UInt8(ascii: "%") || bytes.first == UInt8(ascii: "_"):
                if let escaped = bytes.popFirst() { parts.append(.byte(escaped)) }
            default: parts.append(.byte(byte))
            }
        }
        self.parts = parts
    }

    /// Whether all of the text is what the pattern describes. Only the last `%` is ever gone back to, for what came
    /// before it cannot fit better elsewhere.
    func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var (part, place) = (0, 0)
        var retry: (part: Int, place: Int)?
        while place < bytes.count {
            if part < parts.count, parts[part] == .any {
                part += 1
                retry = (part, place)
            } else if part < parts.count, let length = length(of: parts[part], at: place, in: bytes) {
                part += 1
                place += length
            } else if let (afterAny, from) = retry {
                let next = from + Self.characterLength(at: from, in: bytes)
                (part, place) = (afterAny, next)
                retry = (afterAny, next)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .any }
    }

    /// How many bytes a part takes there; nil where it does not fit.
    private func length(of part: Part, at place: Int, in bytes: [UInt8]) -> Int? {
        switch part {
        case .byte(let byte): bytes[place] == byte ? 1 : nil
        case .one: Self.characterLength(at: place, in: bytes)
        case .any: nil
        }
    }

    private static func characterLength(at place: Int, in bytes: [UInt8]) -> Int {
        var end = place + 1
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        return end - place
    }
}
