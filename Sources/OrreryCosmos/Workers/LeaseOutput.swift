import OrreryDatabase
import OrreryDocuments
import OrreryTriggers

/// One output of a worker: an operation as in a batch, and the container that it is for where that is another one than
/// the handler's (`"container": "database/container"`). Where a partition key is needed it is a JSON array; creates,
/// upserts and replaces take the document's own.
struct LeaseOutput: Sendable {
    private let operation: BatchOperation
    private let container: (database: String, container: String)?

    /// The most outputs of one commit.
    static let countMax = 1000

    init(_ json: JSONValue) throws(CosmosError) {
        guard let document = try? JSONDocument(parsing: json.text) else { throw .invalidInput }
        operation = try BatchOperation(document.root)
        if let path = json["container"] {
            let parts = path.string?.split(separator: "/", omittingEmptySubsequences: false) ?? []
            guard parts.count == 2 else { throw .badRequest("A container is named as 'database/container'.") }
            container = (database: String(parts[0]), container: String(parts[1]))
        } else {
            container = nil
        }
    }

    /// - Parameter index: the output's place, for the error.
    func prepared(
        for handler: WorkerHandler, _ leases: WorkerLeases, index: Int
    ) throws(WorkerError) -> (operation: ItemOperation, container: Container) {
        let container = try leases.container(
            database: container?.database ?? handler.databaseName,
            container: container?.container ?? handler.containerName)
        do throws(DatabaseError) {
            return (operation: try operation.prepared(in: container), container: container)
        } catch {
            throw .output(index: index, error)
        }
    }
}

extension CosmosError {
    init(_ error: WorkerError) {
        switch error {
        case .held(let milliseconds):
            self.init(status: 409, "Others have the leases, the first one until \(milliseconds).")
        case .moved: self.init(DatabaseError.checkpointMoved)
        case .inProcess: self.init(status: 409, "The handler runs in the server's own process.")
        case .trimmed: self.init(DatabaseError.historyGone)
        case .output(let index, let error):
            let refusal = CosmosError(error)
            self.init(status: refusal.status, substatus: refusal.substatus, "Output \(index): \(refusal.message)")
        case .database(let error): self.init(error)
        }
    }
}
