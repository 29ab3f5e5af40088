import Dispatch
import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import Synchronization
import Testing

@Suite struct ItemTests {
    /// An account in a folder of its own, with one container partitioned by `/pk`.
    final class Scratch {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("items-\(UUID().uuidString)").path
        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// - Parameter members: further members of the container's definition, when it is made.
        func open(
            _ members: String = "", _ configuration: EngineConfiguration = EngineConfiguration(),
            partitionKey: String = #"{"paths":["/pk"],"kind":"Hash","version":2}"#
        ) throws -> (Account, Container) {
            let account = try Account(directory: path, configuration: configuration)
            let database = try (try? account.database(named: "db"))
                ?? account.createDatabase(
                    DatabaseDefinition(JSONValue(parsing: Array(#"{"id":"db"}"#.utf8))), throughput: nil)
            let text = #"{"id":"c","partitionKey":\#(partitionKey)\#(members)}"#
            let definition = try ContainerDefinition(JSONValue(parsing: Array(text.utf8)))
            let container = try (try? account.container(named: "c", in: database.resourceID))
                ?? account.createContainer(definition, in: database.resourceID, throughput: nil)
            return (account, try account.openContainer(container.resourceID))
        }
    }

    final class Answer: Sendable {
        private let result = Mutex<Result<ItemCommitAnswer, ItemFailure>?>(nil)
        private let isThere = DispatchSemaphore(value: 0)
        func set(_ value: Result<ItemCommitAnswer, ItemFailure>) {
            result.withLock { $0 = value }
            isThere.signal()
        }
        func wait() throws -> ItemCommitAnswer {
            isThere.wait()
            return try #require(result.withLock { $0 }).get()
        }
    }

    private func commit(_ container: Container, _ operations: ItemOperation...) throws -> ItemCommitAnswer {
        let answer = Answer()
        container.commit(operations) { answer.set($0) }
        return try answer.wait()
    }

    private func document(_ text: String) throws -> JSONDocument {
        try Container.document(parsing: Array(text.utf8))
    }

    private let key = PartitionKey([.string("a")])

    /// A request may have found the container before it was removed: then its answer is that there is none.
    @Test func aWriteToARemovedContainerFindsNone() throws {
        let scratch = Scratch()
        let (account, container) = try scratch.open()
        func create(_ id: String) throws {
            let item = try document(#"{"id":"\#(id)","pk":"a"}"#)
            _ = try commit(container, container.preparingCreate(item, partitionKey: nil))
        }
        try create("1")
        try account.deleteContainer(container.resourceID)
        #expect(try #require(throws: ItemFailure.self) { try create("2") }.error == .notFound)
        account.close()
    }

    @Test func aWriteToAClosedStoreIsRefused() throws {
        let scratch = Scratch()
        let (account, container) = try scratch.open()
        let item = try document(#"{"id":"1","pk":"a"}"#)
        let create = try container.preparingCreate(item, partitionKey: nil)
        _ = try container.statistics(of: #require(container.ranges.first))
        account.close()
        let failure = try #require(throws: ItemFailure.self) { try commit(container, create) }
        #expect(failure.error == .unavailable("The store is closed."))
    }

    @Test func anItemKeepsItsTextAndComesBackAfterReopening() throws {
        let scratch = Scratch()
        let text = #"{ "id" : "1", "pk":"a", "n": 1.50, "big": 9007199254740993 }"#
        var stored: [UInt8] = []
        do {
            let (account, container) = try scratch.open()
            let answer = try commit(container, container.preparingCreate(document(text), partitionKey: nil))
            stored = answer.answers[0].item.text
            #expect(String(decoding: stored, as: UTF8.self).hasPrefix(String(text.dropLast(2))))
            #expect(answer.answers[0].effect == .created)
            account.close()
        }
        let (account, container) = try scratch.open()
        let found = try container.item(id: Array("1".utf8), partitionKey: key).item
        #expect(found.text == stored)
        let root = try JSONDocument(parsing: found.text).root
        #expect(root["_etag"]?.string == "\"\(found.etag.text)\"")
        #expect(root["_ts"]?.int64 == found.timestampSeconds)
        let resourceID = try #require(root["_rid"]?.string.flatMap { ResourceID(text: $0) })
        #expect(resourceID.container == container.resourceID)
        #expect(root["_self"]?.string?.hasSuffix("/docs/\(resourceID.text)/") == true)
        account.close()
    }

    @Test func systemPropertiesSentAlongAreReplaced() throws {
        let (account, container) = try Scratch().open()
        defer { account.close() }
        let first = try commit(
            container, container.preparingCreate(document(#"{"id":"1","pk":"a"}"#), partitionKey: nil))
        let again = try Container.document(parsing: first.answers[0].item.text)
        let second = try commit(
            container, container.preparingReplace(id: Array("1".utf8), again, partitionKey: key))
        let text = String(decoding: second.answers[0].item.text, as: UTF8.self)
        #expect(text.components(separatedBy: "_etag").count == 2)
        #expect(second.answers[0].item.etag != first.answers[0].item.etag)
        #expect(second.answers[0].item.documentNumber == first.answers[0].item.documentNumber)
    }

    @Test func aChangeIsMadeFromTheItemAsItStands() throws {
        let (account, container) = try Scratch().open()
        defer { account.close() }
        _ = try commit(container, container.preparingCreate(document(#"{"n":0,"id":"1","pk":"a"}"#), partitionKey: nil))
        // Many at once: none may be lost.
        let answers = (0..<200).map { _ in Answer() }
        for answer in answers {
            let operation = try container.preparingChange(id: Array("1".utf8), partitionKey: key) {
                (old: JSONDocument) throws(DatabaseError) -> JSONDocument in
                let next = (old.root["n"]?.int64 ?? 0) + 1
                return try Container.document(parsing: Array("{\"n\":\(next),\"id\":\"1\",\"pk\":\"a\"}".utf8))
            }
            container.commit([operation]) { answer.set($0) }
        }
        for answer in answers { _ = try answer.wait() }
        let found = try container.item(id: Array("1".utf8), partitionKey: key).item
        #expect(try JSONDocument(parsing: found.text).root["n"]?.int64 == 200)
    }

    @Test(arguments: [
        #"{"pk":"a"}"#, #"{"id":1,"pk":"a"}"#, #"{"id":"","pk":"a"}"#, #"{"id":"a/b","pk":"a"}"#,
        #"{"id":"x","pk":"other"}"#,
    ])
    func badDocumentsAreRefused(_ text: String) throws {
        let (account, container) = try Scratch().open()
        defer { account.close() }
        let document = try document(text)
        #expect(throws: DatabaseError.self) { try container.preparingCreate(document, partitionKey: key) }
    }

    @Test func aSessionAheadOfThePartitionIsTold() throws {
        let (account, container) = try Scratch().open()
        defer { account.close() }
        let answer = try commit(
            container, container.preparingCreate(document(#"{"id":"1","pk":"a"}"#), partitionKey: nil))
        let lsn = answer.progress.lsn
        _ = try container.item(id: Array("1".utf8), partitionKey: key, minimumLSN: { _ in lsn })
        do {
            _ = try container.item(id: Array("1".utf8), partitionKey: key, minimumLSN: { _ in lsn + 1 })
            Issue.record("a read behind its session was answered")
        } catch {
            #expect(error.error == .sessionNotAvailable)
        }
    }
}
