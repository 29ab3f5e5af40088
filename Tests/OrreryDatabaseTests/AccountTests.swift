import Foundation
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import Testing

@testable import OrreryDatabase

@Suite struct AccountTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "orrery-account-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private static let container = #"{"id":"orders","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#

    @Test func aContainerIsNotOpenedBeforeItsRangesAreThere() throws {
        try withDirectory { path in
            let account = try Account(directory: path)
            defer { account.close() }
            let database = try account.createDatabase(DatabaseDefinition(["id": "shop"]), throughput: nil)
            let record = try account.catalog.insert(.container, under: database.resourceID, id: "orders") { _ in
                Array(Self.container.utf8)
            }
            #expect(throws: DatabaseError.notFound) { _ = try account.openContainer(record.resourceID) }
            let range = try #require(EffectiveKeyRange.initialLayout(throughput: 400).first)
            let body = PartitionKeyRange.body(number: 0, keys: range, parents: [])
            _ = try account.catalog.insertPartition(0, of: record.resourceID, body: body)
            #expect(try account.openContainer(record.resourceID).ranges.count == 1)
        }
    }

    @Test func everythingIsThereAfterReopening() throws {
        try withDirectory { path in
            var before: [[UInt8]] = []
            do {
                let account = try Account(directory: path)
                let database = try account.createDatabase(DatabaseDefinition(["id": "shop"]), throughput: nil)
                let definition = try ContainerDefinition(JSONValue(parsing: Self.container))
                let container = try account.createContainer(
                    definition, in: database.resourceID, throughput: .manual(requestUnitsPerSecond: 30_000))
                before = [database.body, container.body]
                    + account.partitionKeyRangeResources(of: container.resourceID).map(\.body)
                account.close()
            }
            let account = try Account(directory: path)
            defer { account.close() }
            let database = try account.database(named: "shop")
            let container = try account.container(named: "orders", in: database.resourceID)
            let ranges = account.partitionKeyRangeResources(of: container.resourceID)
            #expect(ranges.count == 5)
            #expect([database.body, container.body] + ranges.map(\.body) == before)
            #expect(account.throughput(of: container.resourceID) == .manual(requestUnitsPerSecond: 30_000))
        }
    }

    @Test func aContainerWhoseCreationDidNotEndIsRemoved() throws {
        try withDirectory { path in
            do {
                let catalog = try Catalog(path: path + "/catalog.lmdb")
                let database = try catalog.insert(.database, under: nil, id: "shop") { _ in
                    Array(#"{"id":"shop"}"#.utf8)
                }
                _ = try catalog.insert(.container, under: database.resourceID, id: "orders") { _ in
                    Array(Self.container.utf8)
                }
            }
            let account = try Account(directory: path)
            defer { account.close() }
            let database = try account.database(named: "shop")
            #expect(account.containers(in: database.resourceID).isEmpty)
        }
    }

    @Test func namesAreComparedByteByByte() throws {
        try withDirectory { path in
            let account = try Account(directory: path)
            defer { account.close() }
            // The same character, composed and decomposed: equal as Swift strings, different as names.
            _ = try account.createDatabase(DatabaseDefinition(["id": "caf\u{E9}"]), throughput: nil)
            _ = try account.createDatabase(DatabaseDefinition(["id": "cafe\u{301}"]), throughput: nil)
            #expect(account.databases().count == 2)
            #expect(throws: DatabaseError.conflict(DatabaseError.nameTaken)) {
                _ = try account.createDatabase(DatabaseDefinition(["id": "caf\u{E9}"]), throughput: nil)
            }
        }
    }

    @Test func theGenerationRisesWithEveryChange() throws {
        try withDirectory { path in
            let account = try Account(directory: path)
            defer { account.close() }
            let before = account.generation
            let database = try account.createDatabase(DatabaseDefinition(["id": "shop"]), throughput: nil)
            #expect(account.generation > before)
            let between = account.generation
            try account.deleteDatabase(database.resourceID)
            #expect(account.generation > between)
        }
    }
}
