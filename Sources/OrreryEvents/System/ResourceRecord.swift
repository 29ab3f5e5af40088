import OrreryDatabase
import OrreryDocuments
import OrreryKeys

/// A database or a container as it was when its last system event was published.
struct ResourceRecord: Sendable, Equatable {
    /// The resource's own id, which is never used again.
    let resourceID: String
    let kind: String
    let path: String
    let etag: String

    var json: JSONValue {
        [
            "id": .string(resourceID.utf8.map { $0 == UInt8(ascii: "/") ? "_" : String(UnicodeScalar($0)) }.joined()),
            "resourceId": .string(resourceID), "kind": .string(kind), "path": .string(path), "etag": .string(etag),
        ]
    }

    init(resourceID: String, kind: String, path: String, etag: String) {
        (self.resourceID, self.kind, self.path, self.etag) = (resourceID, kind, path, etag)
    }

    /// Reads a record back; nil for what is none.
    init?(_ json: JSONValue) {
        guard let resourceID = json["resourceId"]?.string, let kind = json["kind"]?.string,
            let path = json["path"]?.string, let etag = json["etag"]?.string
        else { return nil }
        self.init(resourceID: resourceID, kind: kind, path: path, etag: etag)
    }

    /// The databases and containers of an account as they are, without the server's own.
    static func all(of account: Account) -> [ResourceRecord] {
        var found: [ResourceRecord] = []
        for database in account.databases() where database.id != Account.systemDatabaseName {
            let path = "/dbs/\(database.id)"
            found.append(
                ResourceRecord(
                    resourceID: database.resourceID.text, kind: "Database", path: path, etag: database.etag))
            for container in account.containers(in: database.resourceID) {
                found.append(
                    ResourceRecord(
                        resourceID: container.resourceID.text, kind: "Container",
                        path: "\(path)/colls/\(container.id)", etag: container.etag))
            }
        }
        return found
    }
}
