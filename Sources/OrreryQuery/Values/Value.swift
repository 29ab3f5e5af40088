import OrreryDocuments

/// What an expression evaluates to. A value of a document stays a reference into it; nothing is copied or decoded
/// until an operator needs it.
enum Value: Sendable {
    case undefined
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array(ComputedArray)
    case object(ComputedObject)
    /// A number, string, array or object inside a document; null and booleans never stand so.
    case node(JSONNode)
}

/// An array that an expression built.
struct ComputedArray: Sendable {
    let elements: [Value]
    /// The bytes the array stands for, shared parts counted as often as they appear.
    let weightBytes: Int
}

/// An object that an expression built. Names are distinct.
struct ComputedObject: Sendable {
    let members: [ComputedMember]
    /// See `ComputedArray.weightBytes`.
    let weightBytes: Int
}

struct ComputedMember: Sendable {
    let name: String
    let value: Value
}

/// The types of the language, in the order in which ORDER BY puts them.
enum ValueKind: UInt8, Sendable {
    case undefined, null, boolean, number, string, array, object
}

extension Value {
    init(_ node: JSONNode) {
        switch node.kind {
        case .null: self = .null
        case .boolean: self = .boolean(node.boolean ?? false)
        case .number, .string, .array, .object: self = .node(node)
        }
    }

    init(_ node: JSONNode?) {
        if let node { self.init(node) } else { self = .undefined }
    }

    /// An owned value: parameters and literals come so.
    init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .boolean(let boolean): self = .boolean(boolean)
        case .number(let number): self = number.int64.map(Value.integer) ?? .number(number.double)
        case .string(let string): self = .string(string)
        case .array(let elements): self = Value.array(unchecked: elements.map { Value($0) })
        case .object(let members):
            self = Value.object(unchecked: members.map { ComputedMember(name: $0.name, value: Value($0.value)) })
        }
    }

    var kind: ValueKind {
        switch self {
        case .undefined: .undefined
        case .null: .null
        case .boolean: .boolean
        case .integer, .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        case .node(let node):
            switch node.kind {
            case .null: .null
            case .boolean: .boolean
            case .number: .number
            case .string: .string
            case .array: .array
            case .object: .object
            }
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { return true }
        return false
    }

    /// Whether the value is exactly `true`: what a filter keeps.
    var isTrue: Bool {
        if case .boolean(true) = self { return true }
        return false
    }

    var boolean: Bool? {
        if case .boolean(let value) = self { return value }
        return nil
    }

    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .node(let node): node.double
        default: nil
        }
    }

    /// The number as an exact integer of 64 bits; nil for a fraction or a number out of range.
    var int64: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        case .node(let node): node.int64 ?? node.double.flatMap { Int64(exactly: $0) }
        default: nil
        }
    }

    var string: String? {
        switch self {
        case .string(let value): value
        case .node(let node): node.string
        default: nil
        }
    }

    /// The elements of an array.
    var elements: [Value]? {
        switch self {
        case .array(let array): array.elements
        case .node(let node) where node.kind == .array: node.elements.map { Value($0) }
        default: nil
        }
    }

    /// The members of an object, distinct, in their order.
    var members: [ComputedMember]? {
        switch self {
        case .object(let object): object.members
        case .node(let node) where node.kind == .object:
            node.members.map { ComputedMember(name: $0.name, value: Value($0.value)) }
        default: nil
        }
    }

    var count: Int {
        switch self {
        case .array(let array): array.elements.count
        case .object(let object): object.members.count
        case .node(let node): node.count
        default: 0
        }
    }

    /// `.name`: undefined for anything but an object that has the member.
    func member(_ name: String) -> Value {
        switch self {
        case .node(let node):
            return Value(node[name])
        case .object(let object):
            for member in object.members where member.name.utf8.elementsEqual(name.utf8) { return member.value }
            return .undefined
        default:
            return .undefined
        }
    }

    /// `[n]`: undefined past the end and for anything but an array.
    func element(_ index: Int) -> Value {
        switch self {
        case .node(let node): return Value(node[index])
        case .array(let array): return array.elements.indices.contains(index) ? array.elements[index] : .undefined
        default: return .undefined
        }
    }

    /// `[e]` with a computed index: a string names a member, a whole number an element.
    func subscripted(by index: Value) -> Value {
        switch index.kind {
        case .string: return member(index.string ?? "")
        case .number: return index.int64.flatMap { Int(exactly: $0) }.map(element) ?? .undefined
        default: return .undefined
        }
    }
}
