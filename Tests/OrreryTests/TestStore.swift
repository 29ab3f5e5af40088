import Foundation
import Orrery
import Testing

struct Order: Codable, Sendable, Equatable {
    var id: String
    var customer: String
    var total: Double
    var status = "open"
}

/// A store in a folder of its own, removed when the test lets go of it.
final class TestStore {
    let store: Store
    let orders: Container
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "orrery-embedded-\(UUID().uuidString)"
        store = try Store(directory: directory)
        orders = try store.database("shop").container("orders", partitionKey: "/customer")
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }
}
