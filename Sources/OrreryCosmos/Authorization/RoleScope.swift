/// Where a role holds: in the whole account, in a database, or in a container. Databases and containers are meant by
/// their names, so that a role holds for one that is deleted and made again.
struct RoleScope: Equatable, Sendable {
    /// The database's name; nil for the whole account.
    let database: [UInt8]?
    /// The container's name; nil for the whole database.
    let container: [UInt8]?

    static let account = RoleScope(database: nil, container: nil)

    init(database: [UInt8]?, container: [UInt8]?) {
        self.database = database
        self.container = container
    }

    /// Reads `/`, `/dbs/shop` or `/dbs/shop/colls/orders`; the service's own form, which begins with a path through
    /// subscription, group and account, means the same.
    init?(text: String) {
        var segments = text.split(separator: "/", omittingEmptySubsequences: true)
        if segments.first?.lowercased() == "subscriptions" {
            guard let place = segments.firstIndex(where: { $0.lowercased() == "databaseaccounts" }),
                place + 1 < segments.count
            else { return nil }
            segments.removeFirst(place + 2)
        }
        switch segments.count {
        case 0: self = .account
        case 2 where segments[0] == "dbs":
            self.init(database: Array(segments[1].utf8), container: nil)
        case 4 where segments[0] == "dbs" && segments[2] == "colls":
            self.init(database: Array(segments[1].utf8), container: Array(segments[3].utf8))
        default: return nil
        }
    }

    /// The short form.
    var text: String {
        guard let database else { return "/" }
        let path = "/dbs/" + String(decoding: database, as: UTF8.self)
        return container.map { path + "/colls/" + String(decoding: $0, as: UTF8.self) } ?? path
    }

    /// Whether what holds here holds there, too.
    func covers(_ place: RoleScope) -> Bool {
        guard let database else { return true }
        guard database == place.database else { return false }
        return container == nil || container == place.container
    }
}
