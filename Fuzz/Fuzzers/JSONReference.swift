import Foundation
import OrreryDocuments

/// The second parser, Foundation's JSONSerialization, and where the two may differ.
enum JSONReference {
    static func value(of text: [UInt8]) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(text), options: [.fragmentsAllowed])
    }

    /// Faults by our rules that the reference may not see: it nests deeper, lets numbers overflow and halves of
    /// surrogate pairs pass, and forgives a comma before a closing bracket.
    static func mayAccept(_ text: [UInt8], despite error: JSONError) -> Bool {
        switch error.kind {
        case .tooDeep, .numberOutOfRange, .loneSurrogate:
            return true
        case .unexpectedByte:
            let isClosing = text[error.offset] == UInt8(ascii: "]") || text[error.offset] == UInt8(ascii: "}")
            let before = text[..<error.offset].last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
            return isClosing && before == UInt8(ascii: ",")
        default:
            return false
        }
    }

    /// Texts on whose verdict the reference cannot be relied: it takes a byte order mark, or zero bytes at the start,
    /// as a sign of another encoding.
    static func misreads(_ text: [UInt8]) -> Bool {
        text.prefix(4).contains(0) || text.starts(with: [0xEF, 0xBB, 0xBF]) || text.starts(with: [0xFE, 0xFF])
            || text.starts(with: [0xFF, 0xFE])
    }

    /// Where the two values differ. Members are compared through the names that the reference has, for it keeps names
    /// apart or together by canonical equivalence and may keep another of several equal ones.
    static func fault(in node: JSONNode, against other: Any) -> String? {
        switch node.kind {
        case .null:
            return other is NSNull ? nil : "not null there"
        case .boolean:
            return (other as? Bool) == node.boolean ? nil : "another boolean there"
        case .number:
            guard let double = node.double, let number = other as? NSNumber else { return "not a number there" }
            return isNear(double, number.doubleValue) ? nil : "\(double) here and \(number) there"
        case .string:
            guard let string = node.string, let otherString = other as? String else { return "not a string there" }
            return string.utf8.elementsEqual(otherString.utf8) ? nil : "another string there"
        case .array:
            guard let others = other as? [Any], others.count == node.count else { return "another array there" }
            for (element, other) in zip(node.elements, others) {
                if let fault = fault(in: element, against: other) { return fault }
            }
            return nil
        case .object:
            guard let others = other as? [String: Any], others.count <= node.count else {
                return "another object there"
            }
            guard others.count == node.count, !hasRepeatedNames(node) else { return nil }
            for (name, value) in node.members {
                guard let other = others[name] else { return "a name is missing there" }
                if let fault = fault(in: value, against: other) { return fault }
            }
            return nil
        }
    }

    /// Whether the object's text has more names than can be seen: it is told by writing the object anew.
    private static func hasRepeatedNames(_ object: JSONNode) -> Bool {
        var names: Set<String> = []
        for (name, _) in object.members { names.insert(name) }
        var writer = JSONWriter()
        writer.beginObject()
        for member in object.memberNodes {
            writer.name(member.name)
            writer.raw(member.value)
        }
        writer.endObject()
        return names.count != object.count || countWithoutSpace(writer.bytes[...]) != countWithoutSpace(object.text)
    }

    private static func countWithoutSpace(_ text: ArraySlice<UInt8>) -> Int {
        text.count { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }

    /// The reference may be off in the last place.
    private static func isNear(_ a: Double, _ b: Double) -> Bool {
        a == b || abs(a - b) <= max(abs(a), abs(b)) * 1e-15 || max(abs(a), abs(b)) < 1e-300
    }
}
