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

/// A load as carriers find it on their lane's board.
struct BoardEntry: Codable, Sendable, Equatable {
    var id: String
    var lane: String
    var kilograms: Double
}

/// What a shipper is told.
struct Mail: Codable, Sendable, Equatable {
    var id: String
    var shipper: String
    var text: String
}

enum FreightHandlers {
    /// Makes what is not there yet.
    static func prepare(_ directory: String) throws {
        let store = try Store(directory: directory)
        defer { store.close() }
        let freight = try store.database("freight")
        for (name, key) in [("loads", "/lane"), ("board", "/lane"), ("mails", "/shipper"), ("audit", "/id")] {
            _ = try freight.container(name, partitionKey: key)
        }
    }

    static func register(on app: App) {
        registerEvents(on: app)
        app.onCall("quote") { request, _ in
            let lane = request["lane"] ?? ""
            return try Response.json(
                Quote(lane: lane, tenant: request.tenant ?? "", centsPerKilogram: centsPerKilogram(lane)))
        }
    }

    /// A write is answered when it is on disk. What follows from it is an event's: a bridge publishes each change of a
    /// load, and everybody whom it concerns has a subscription, with retries and dead letters of its own.
    private static func registerEvents(on app: App) {
        app.configureEvents(#"""
            {"topics": [{"name": "loads", "kind": "namespace", "subscriptions": [
               {"name": "audit", "destination": {
                  "endpointType": "Container", "properties": {"container": "freight/audit"}}}]}],
             "bridges": [{"container": "freight/loads", "topic": "loads", "typePrefix": "Freight.Load"}]}
            """#)
        let board = ItemOutput("freight/board", of: BoardEntry.self)
        var posted = EventOptions()
        (posted.types, posted.isOrdered) = (["Freight.Load.Created", "Freight.Load.Replaced"], true)
        posted.condition = "c.data.status = 'open'"
        app.onEvent("loads", named: "board", of: Load.self, outputs: [board], options: posted) { events, context in
            for case let load? in events.map(\.value) {
                let entry = BoardEntry(id: load.id, lane: load.lane, kilograms: load.kilograms)
                try context.put(entry, into: board)
            }
        }
        let mails = ItemOutput("freight/mails", of: Mail.self)
        var taken = EventOptions()
        (taken.types, taken.condition) = (["Freight.Load.Replaced"], "c.data.status = 'taken'")
        app.onEvent("loads", named: "mail", of: Load.self, outputs: [mails], options: taken) { events, context in
            for event in events {
                guard let load = event.value else { continue }
                // Under the event's own id: told once, however often it is delivered.
                let text = "Your load \(load.id) on \(load.lane) was taken."
                try context.put(Mail(id: event.id, shipper: load.shipper, text: text), into: mails)
            }
        }
    }

    /// The longer a lane's name the farther, as far as this example goes.
    static func centsPerKilogram(_ lane: String) -> Int { 10 + lane.utf8.count }
}
