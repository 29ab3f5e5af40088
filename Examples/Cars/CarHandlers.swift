import Orrery

/// What a car measured.
struct Reading: Codable, Sendable {
    var id: String
    var car: String
    var engineCelsius: Double
}

/// What is known of a car. It stands beside its readings.
struct CarRecord: Codable, Sendable {
    var id = "record"
    var car: String
    var engineCelsius: Double
    var isTooHot: Bool
}

/// Somebody should look.
struct Alert: Codable, Sendable {
    var id: String
    var car: String
    var text: String
}

enum CarHandlers {
    static let limitCelsius = 120.0

    static func register(on app: App) {
        var options = HandlerOptions()
        options.includesDeletes = false
        options.predicate = "from c where IS_DEFINED(c.engineCelsius) AND c.id <> 'record'"
        app.onChange("fleet/telemetry", named: "watch", of: Reading.self, options: options) { changes, context in
            for case let reading? in changes.map(\.value) where reading.engineCelsius > limitCelsius {
                let text = "The engine has \(reading.engineCelsius) degrees."
                try context.upsert(Alert(id: "hot-\(reading.id)", car: reading.car, text: text), to: "fleet/alerts")
                context.count("alerts")
            }
            if let last = changes.last?.value {
                let isTooHot = last.engineCelsius > limitCelsius
                try context.upsert(CarRecord(car: last.car, engineCelsius: last.engineCelsius, isTooHot: isTooHot))
            }
        }
        app.onRequest(.post, "/cars/{car}/readings/{id}") { request, context in
            let celsius = try request.json(as: Double.self)
            let reading = Reading(id: request["id"] ?? "", car: request["car"] ?? "", engineCelsius: celsius)
            try await context.container("fleet/telemetry").upsert(reading)
            return Response(status: 201)
        }
        app.onTimer("forget-old-alerts", schedule: "0 0 3 * * *", timeZone: "Europe/Berlin") { context in
            let alerts = try context.container("fleet/alerts")
            for try await alert in alerts.query("SELECT * FROM c", as: Alert.self) {
                try await alerts.delete(alert.id, in: PartitionKey(alert.car))
            }
        }
    }
}
