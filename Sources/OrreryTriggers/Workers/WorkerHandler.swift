/// A handler that runs in other processes: what it is called, and the container whose changes it handles.
public struct WorkerHandler: Sendable, Hashable {
    public let name: String
    public let databaseName: String
    public let containerName: String

    /// - Returns: nil where the name is none: see ``Trigger``.
    public init?(_ name: String, database: String, container: String) {
        guard Trigger.isName(name) else { return nil }
        self.name = name
        databaseName = database
        containerName = container
    }
}
