internal import OrreryCrypto
internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryGateway
internal import OrreryKeys

/// How much of each quota is given out, as documents of a container of the server's own.
struct QuotaContainer: QuotaKeeping {
    private let container: OrreryDatabase.Container

    init(account: Account) throws(DatabaseError) {
        let definition: JSONValue = [
            "id": "gateway-quotas", "partitionKey": ["paths": ["/id"], "kind": "Hash", "version": 2],
            "indexingPolicy": ["indexingMode": "consistent", "includedPaths": [], "excludedPaths": [["path": "/*"]]],
        ]
        container = try account.systemContainer(ContainerDefinition(definition))
    }

    /// Names are of any length and hold what callers say of themselves; ids do not.
    private static func id(of name: String) -> String { SHA256.digest(of: Array(name.utf8)).hex }

    func record(named name: String) -> QuotaRecord? {
        let id = Self.id(of: name)
        let key = OrreryKeys.PartitionKey([.string(id)])
        guard let found = try? container.item(id: Array(id.utf8), partitionKey: key),
            let json = try? JSONValue(parsing: found.item.text), let start = json["startSeconds"]?.int64,
            let reserved = json["reserved"]?.int64.flatMap(Int.init(exactly:))
        else { return nil }
        return QuotaRecord(name: name, startSeconds: start, reserved: reserved)
    }

    func keep(_ record: QuotaRecord, then: @escaping @Sendable (Bool) -> Void) {
        let json: JSONValue = [
            "id": .string(Self.id(of: record.name)), "startSeconds": .number(record.startSeconds),
            "reserved": .number(record.reserved),
        ]
        do throws(DatabaseError) {
            let document = try OrreryDatabase.Container.document(parsing: json.text)
            let operation = try container.preparingCreate(document, partitionKey: nil, isUpsert: true)
            container.commit([operation]) { result in
                if case .success = result { then(true) } else { then(false) }
            }
        } catch {
            then(false)
        }
    }
}
