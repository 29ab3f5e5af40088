/// An owned tree of JSON values, for computed values and for paths where speed does not matter.
public indirect enum JSONValue: Sendable {
    case null
    case boolean(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    /// Members in order, their names distinct by UTF-8.
    case object([JSONMember])

    /// Copies a node and all below it. Numbers keep their text.
    public init(_ node: JSONNode) {
        switch node.kind {
        case .null: self = .null
        case .boolean: self = .boolean(node.boolean ?? false)
        case .number: self = node.number.map(JSONValue.number) ?? .null
        case .string: self = .string(node.string ?? "")
        case .array: self = .array(node.elements.map { JSONValue($0) })
        case .object: self = .object(node.members.map { JSONMember($0.name, JSONValue($0.value)) })
        }
    }

    /// Validates and copies a whole text; see `JSONDocument.init(parsing:limits:)`.
    public init(parsing text: [UInt8], limits: JSONLimits = .item) throws(JSONError) {
        self.init(try JSONDocument(parsing: text, limits: limits).root)
    }

    /// Validates and copies a whole text; see `JSONDocument.init(parsing:limits:)`.
    public init(parsing text: String, limits: JSONLimits = .item) throws(JSONError) {
        self.init(try JSONDocument(parsing: text, limits: limits).root)
    }
}

/// One name and value of a `JSONValue.object`.
public struct JSONMember: Sendable {
    /// The name, without escapes.
    public var name: String
    /// What stands under it.
    public var value: JSONValue

    /// A member from both.
    public init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

extension JSONValue {
    /// Whether it is null.
    public var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    /// The value of a boolean; nil for other types.
    public var boolean: Bool? {
        if case .boolean(let value) = self { return value }
        return nil
    }

    /// The value of a number; nil for other types.
    public var number: JSONNumber? {
        if case .number(let value) = self { return value }
        return nil
    }

    /// The nearest IEEE double of a number; nil for other types.
    public var double: Double? { number?.double }

    /// The exact value of a number that is an `Int64`; see `JSONNumber.int64`.
    public var int64: Int64? { number?.int64 }

    /// The value of a string; nil for other types.
    public var string: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    /// The elements of an array; nil for other types.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// The members of an object in order; nil for other types.
    public var members: [JSONMember]? {
        if case .object(let members) = self { return members }
        return nil
    }

    /// The element at a position counted from zero; nil past the ends and for anything but an array.
    public subscript(_ position: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(position) else { return nil }
        return elements[position]
    }

    /// An object's member by the exact UTF-8 of its name. Setting nil removes it; setting on null makes an object;
    /// setting on any other kind does nothing.
    public subscript(_ name: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.hasName(name) }?.value
        }
        set {
            if isNull { self = .object([]) }
            guard case .object(var members) = self else { return }
            let position = members.firstIndex { $0.hasName(name) }
            switch (position, newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): members.remove(at: position)
            case (nil, let value?): members.append(JSONMember(name, value))
            case (nil, nil): return
            }
            self = .object(members)
        }
    }
}

extension JSONMember {
    func hasName(_ other: String) -> Bool { name.utf8.elementsEqual(other.utf8) }
}
