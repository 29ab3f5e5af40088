internal import OrreryDatabase
internal import OrreryDocuments

/// One step of a change to an item where it stands. Paths are JSON pointers.
///
/// ```swift
/// let steps: [PatchOperation] = [.set("/status", "paid"), .remove("/draft")]
/// ```
public struct PatchOperation: Sendable {
    private let kind: JSONPatch.Kind
    private let path: String
    private let from: String?
    /// Encoded when the patch is sent, so that making a step cannot fail.
    private let value: (any Encodable & Sendable)?

    private init(
        _ kind: JSONPatch.Kind, _ path: String, from: String? = nil, value: (any Encodable & Sendable)? = nil
    ) {
        self.kind = kind
        self.path = path
        self.from = from
        self.value = value
    }

    /// Creates or replaces a member; inserts into an array, `-` at its end.
    ///
    /// ```swift
    /// let step = PatchOperation.add("/tags/-", "urgent")
    /// ```
    public static func add(_ path: String, _ value: some Encodable & Sendable) -> PatchOperation {
        PatchOperation(.add, path, value: value)
    }

    /// As ``add(_:_:)``, but overwrites the element at an existing position of an array.
    ///
    /// ```swift
    /// let step = PatchOperation.set("/status", "paid")
    /// ```
    public static func set(_ path: String, _ value: some Encodable & Sendable) -> PatchOperation {
        PatchOperation(.set, path, value: value)
    }

    /// Overwrites what must be there.
    ///
    /// ```swift
    /// let step = PatchOperation.replace("/status", "paid")
    /// ```
    public static func replace(_ path: String, _ value: some Encodable & Sendable) -> PatchOperation {
        PatchOperation(.replace, path, value: value)
    }

    /// Takes away what must be there.
    ///
    /// ```swift
    /// let step = PatchOperation.remove("/draft")
    /// ```
    public static func remove(_ path: String) -> PatchOperation { PatchOperation(.remove, path) }

    /// Adds to a number, or creates it.
    ///
    /// ```swift
    /// let step = PatchOperation.increment("/payments", by: 1)
    /// ```
    public static func increment(_ path: String, by amount: Int) -> PatchOperation {
        PatchOperation(.increment, path, value: amount)
    }

    /// Adds to a number, or creates it.
    ///
    /// ```swift
    /// let step = PatchOperation.increment("/total", by: 0.5)
    /// ```
    public static func increment(_ path: String, by amount: Double) -> PatchOperation {
        PatchOperation(.increment, path, value: amount)
    }

    /// Takes what must be there and puts it elsewhere, over what is there.
    ///
    /// ```swift
    /// let step = PatchOperation.move(from: "/draft", to: "/final")
    /// ```
    public static func move(from: String, to path: String) -> PatchOperation {
        PatchOperation(.move, path, from: from)
    }

    /// The body of a patch, as the database takes it.
    static func body(_ operations: [PatchOperation], _ condition: String?) throws(StoreError) -> JSONDocument {
        var steps: [JSONValue] = []
        for operation in operations {
            var step: JSONValue = ["op": .string(operation.kind.rawValue), "path": .string(operation.path)]
            if let from = operation.from { step["from"] = .string(from) }
            if let value = operation.value { step["value"] = try ItemEncoder.encode(value) }
            steps.append(step)
        }
        var body: JSONValue = ["operations": .array(steps)]
        if let condition { body["condition"] = .string(condition) }
        return try StoreError.translating { () throws(DatabaseError) in
            try OrreryDatabase.Container.document(parsing: body.text)
        }
    }
}
