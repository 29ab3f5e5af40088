import Foundation
import Orrery
import Testing

@testable import CarsExample

/// Telemetry → alert when the engine is too hot, and the car's record updated.
@Suite struct CarsTests {
    @Test(.timeLimit(.minutes(1))) func aHotEngineIsAnAlert() async throws {
        let path = NSTemporaryDirectory() + "orrery-cars-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var configuration = AppConfiguration()
        (configuration.directory, configuration.port, configuration.handlerThreadCount) = (path, 0, 2)
        let app = App(configuration: configuration)
        CarHandlers.register(on: app)
        try await app.start()
        let fleet = try #require(try app.store?.database("fleet"))
        let telemetry = try fleet.container("telemetry", partitionKey: "/car")
        let alerts = try fleet.container("alerts", partitionKey: "/car")
        for (number, celsius) in [90.0, 130, 95].enumerated() {
            try await telemetry.create(Reading(id: "\(number)", car: "k1", engineCelsius: celsius))
        }
        var record: CarRecord?
        for _ in 0..<5000 {
            record = try await telemetry.item("record", in: "k1", as: CarRecord.self)?.value
            if record?.engineCelsius == 95 { break }
            try await Task.sleep(for: .milliseconds(2))
        }
        #expect(record?.isTooHot == false)
        let found = try await alerts.query("SELECT * FROM c", as: Alert.self).all()
        #expect(found.map(\.id) == ["hot-1"])
        await app.stop()
    }
}
