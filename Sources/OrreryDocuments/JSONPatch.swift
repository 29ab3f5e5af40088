/// A partial update of an item: Cosmos's PATCH operations (cosmos-wire.md, section 9).
///
/// Applying one gives a new text in which all that the operations do not name stands as it stood, byte for byte;
/// only the separators of a container that gains or loses a child are written anew.
public struct JSONPatch: Sendable {
    /// What an operation does; the raw value is its name on the wire.
    public enum Kind: String, Sendable {
        /// Creates or replaces a member; inserts into an array, `-` at its end.
        case add
        /// As `add`, but in an array it overwrites the element at an existing position.
        case set
        /// Overwrites what must be there.
        case replace
        /// Takes away what must be there.
        case remove
        /// Adds to a number, or creates it.
        case increment = "incr"
        /// Takes what must be there and adds it elsewhere, over what is there; not below itself.
        case move
    }

    /// One step of a patch.
    public struct Operation: Sendable {
        /// What it does.
        public let kind: Kind
        /// Where it does it.
        public let path: JSONPointer
        /// What to move; set for `move` alone.
        public let from: JSONPointer?
        /// Set for all kinds but `remove` and `move`.
        public let value: JSONNode?
    }

    /// The steps in order: one at least, `operationsMax` at most.
    public let operations: [Operation]
    /// The predicate under which the patch applies, `from c where …`.
    public let condition: String?

    /// The service's documented limit.
    public static let operationsMax = 10

    /// Reads a request's body: an object with `operations` and maybe `condition`, or the bare array of operations that
    /// some SDKs send.
    public init(_ body: JSONNode) throws(JSONPatchError) {
        let list = body.kind == .array ? body : body["operations"]
        guard let list, list.kind == .array, list.count > 0 else { throw JSONPatchError(.malformed) }
        guard list.count <= Self.operationsMax else { throw JSONPatchError(.tooManyOperations) }
        var operations: [Operation] = []
        for element in list.elements {
            guard let operation = Self.operation(element) else {
                throw JSONPatchError(.malformed, operation: operations.count + 1)
            }
            if let from = operation.from, operation.path.isBelow(from) {
                throw JSONPatchError(.moveBelowItself, operation: operations.count + 1, path: operation.path.text)
            }
            operations.append(operation)
        }
        self.operations = operations
        guard let condition = body["condition"], !condition.isNull else {
            self.condition = nil
            return
        }
        guard let text = condition.string else { throw JSONPatchError(.malformed) }
        self.condition = text
    }

    /// Refuses a patch that would change what must not be: the id, the partition key or a system property, each given
    /// by its names.
    public func check(protecting protected: [[[UInt8]]]) throws(JSONPatchError) {
        for (index, operation) in operations.enumerated() {
            for names in protected {
                for pointer in [operation.path, operation.from] where pointer?.touches(names) == true {
                    let name = names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
                    throw JSONPatchError(.protectedProperty, operation: index + 1, path: name)
                }
            }
        }
    }

    private static func operation(_ node: JSONNode) -> Operation? {
        guard let kind = node["op"]?.string.flatMap(Kind.init(rawValue:)),
            let path = node["path"]?.string.flatMap(JSONPointer.init)
        else { return nil }
        let value = node["value"]
        switch kind {
        case .add, .set, .replace:
            guard let value else { return nil }
            return Operation(kind: kind, path: path, from: nil, value: value)
        case .increment:
            guard let value, value.kind == .number else { return nil }
            return Operation(kind: kind, path: path, from: nil, value: value)
        case .remove:
            return Operation(kind: kind, path: path, from: nil, value: nil)
        case .move:
            guard let from = node["from"]?.string.flatMap(JSONPointer.init) else { return nil }
            return Operation(kind: kind, path: path, from: from, value: nil)
        }
    }
}
