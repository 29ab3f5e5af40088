import Orrery

/// Goods that are to go along a lane.
struct Load: Codable, Sendable, Equatable {
    var id: String
    /// From where to where, such as `Hamburg-Munich`.
    var lane: String
    var shipper: String
    var kilograms: Double
    var status = "open"
}

/// What a lane costs.
struct Quote: Codable, Sendable, Equatable {
    var lane: String
    /// Who asked: quotes are made out to somebody.
    var tenant: String
    var centsPerKilogram: Int
}

enum FreightHandlers {
    /// Makes what is not there yet.
    static func prepare(_ directory: String) throws {
        let store = try Store(directory: directory)
        defer { store.close() }
        _ = try store.database("freight").container("loads", partitionKey: "/lane")
    }

    static func register(on app: App) {
        app.onCall("quote") { request, _ in
            let lane = request["lane"] ?? ""
            return try Response.json(
                Quote(lane: lane, tenant: request.tenant ?? "", centsPerKilogram: centsPerKilogram(lane)))
        }
    }

    /// The longer a lane's name the farther, as far as this example goes.
    static func centsPerKilogram(_ lane: String) -> Int { 10 + lane.utf8.count }
}
