/// Why a patch cannot be read or applied.
public struct JSONPatchError: Error, Sendable, Equatable {
    /// What is wrong.
    public enum Kind: Sendable, Equatable {
        /// The body is not a patch.
        case malformed
        case tooManyOperations
        /// The path names the id, the partition key or a system property.
        case protectedProperty
        /// `move` to a place below the one it moves.
        case moveBelowItself
        /// A position past an array's end.
        case positionOutOfBounds
        /// What `remove`, `replace` or `move` names is not there.
        case absent
        /// There is no array or object to hold what would be created.
        case noParent
        /// `incr` of something that is not a number.
        case notANumber
        /// `incr` to beyond an IEEE double.
        case numberOutOfRange
        /// The patched document would be nested too deeply.
        case tooDeep
    }

    /// What is wrong.
    public let kind: Kind
    /// Which operation failed, counted from one; nil where it is the patch as a whole.
    public let operation: Int?
    /// What that operation was to do; nil where it is the patch as a whole.
    public let operationKind: JSONPatch.Kind?
    /// The path, position or property that the message names.
    public let path: String

    init(_ kind: Kind, operation: Int? = nil, operationKind: JSONPatch.Kind? = nil, path: String = "") {
        self.kind = kind
        self.operation = operation
        self.operationKind = operationKind
        self.path = path
    }
}

extension JSONPatchError: CustomStringConvertible {
    /// The service's message, after its documentation "Get started with Azure Cosmos DB Partial Document Update".
    public var description: String {
        switch kind {
        case .malformed: "Invalid patch request: check syntax of patch specification."
        case .tooManyOperations: "The number of patch operations cannot exceed \(JSONPatch.operationsMax)."
        case .protectedProperty: "Invalid patch request: Cannot patch system property \(path)."
        case .moveBelowItself: "\(place) Path(\(path)) cannot be a child of the path that is moved."
        case .positionOutOfBounds: "\(place) Index(\(path)) to operate on is out of array bounds."
        case .absent:
            "\(place) Node(\(path)) to be \(verb) is absent. "
                + "Note: it may also have been removed earlier in the transaction."
        case .noParent:
            "\(place) \(operationKind == .add ? "Add" : "Given") Operation can only create a child object of an "
                + "existing node(array or object) and cannot create path recursively, no path found beyond: \(path)."
        case .notANumber: "\(place) Node(\(path)) is not a number."
        case .numberOutOfRange: "\(place) Node(\(path)) would be out of the range of numbers."
        case .tooDeep: "\(place) the document would be nested too deeply."
        }
    }

    private var place: String { "For Operation(\(operation ?? 0)):" }

    private var verb: String {
        switch operationKind {
        case .remove: "removed"
        case .move: "moved"
        default: "replaced"
        }
    }
}
