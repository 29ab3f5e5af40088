import Dispatch
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import Synchronization
import Testing

@Suite struct UniqueKeyTests {
    private static let policy = #","uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/email"]},{"paths":["/a/b","/c"]}]}"#

    private func commit(_ container: Container, _ operations: ItemOperation...) -> DatabaseError? {
        let error = Mutex<DatabaseError?>(nil)
        let isThere = DispatchSemaphore(value: 0)
        container.commit(operations) { result in
            if case .failure(let failure) = result { error.withLock { $0 = failure.error } }
            isThere.signal()
        }
        isThere.wait()
        return error.withLock { $0 }
    }

    private func upsert(_ container: Container, _ text: String) throws -> ItemOperation {
        try container.preparingCreate(
            Container.document(parsing: Array(text.utf8)), partitionKey: nil, isUpsert: true)
    }

    private func delete(_ container: Container, _ id: String) throws -> ItemOperation {
        try container.preparingDelete(id: Array(id.utf8), partitionKey: PartitionKey([.string("p")]))
    }

    private let violation = DatabaseError.conflict("Unique index constraint violation.")

    @Test func noTwoItemsOfAKeyShareTheValues() throws {
        let scratch = ItemTests.Scratch()
        do {
            let (account, container) = try scratch.open(Self.policy)
            defer { account.close() }
            #expect(commit(container, try upsert(container, #"{"id":"1","pk":"p","email":"x","c":1}"#)) == nil)
            #expect(commit(container, try upsert(container, #"{"id":"2","pk":"p","email":"x","c":2}"#)) == violation)
            // The item itself, another partition key, another case, another type.
            #expect(commit(container, try upsert(container, #"{"id":"1","pk":"p","email":"x","c":1.0}"#)) == nil)
            #expect(commit(container, try upsert(container, #"{"id":"2","pk":"q","email":"x","c":1}"#)) == nil)
            #expect(commit(container, try upsert(container, #"{"id":"3","pk":"p","email":"X","c":3}"#)) == nil)
            #expect(commit(container, try upsert(container, #"{"id":"4","pk":"p","email":1,"c":4}"#)) == nil)
            #expect(commit(container, try upsert(container, #"{"id":"5","pk":"p","email":"1","c":5}"#)) == nil)
            // What is missing counts as null, and values of several paths count together.
            #expect(commit(container, try upsert(container, #"{"id":"6","pk":"p","c":6}"#)) == nil)
            #expect(commit(container, try upsert(container, #"{"id":"7","pk":"p","c":7,"email":null}"#)) == violation)
            let both = #"{"id":"8","pk":"p","email":8,"a":{"b":null},"c":1}"#
            #expect(commit(container, try upsert(container, both)) == violation)
            #expect(commit(container, try upsert(container, both.replacing("null", with: "0"))) == nil)
        }
        let (account, container) = try scratch.open()
        defer { account.close() }
        #expect(commit(container, try upsert(container, #"{"id":"9","pk":"p","email":"x"}"#)) == violation)
        // What is deleted or changed lets go of its values, within a batch as well.
        #expect(
            commit(
                container, try delete(container, "1"), try upsert(container, #"{"id":"9","pk":"p","email":"x","c":9}"#)
            ) == nil)
        #expect(
            commit(
                container, try upsert(container, #"{"id":"10","pk":"p","email":"new","c":10}"#),
                try upsert(container, #"{"id":"11","pk":"p","email":"new","c":11}"#)) == violation)
        #expect(commit(container, try upsert(container, #"{"id":"11","pk":"p","email":"new","c":11}"#)) == nil)
    }

    @Test func runsKnowTheValuesToo() throws {
        let scratch = ItemTests.Scratch()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 8
        configuration.durability = .relaxed(milliseconds: 2)
        configuration.mergeFanIn = 2
        for round in 0..<2 {
            let (account, container) = try scratch.open(Self.policy, configuration)
            defer { account.close() }
            for number in 0..<50 {
                let members = #""pk":"p","email":\#(number),"c":\#(number)"#
                #expect(commit(container, try upsert(container, #"{"id":"\#(number)",\#(members)}"#)) == nil)
                // In the second round every value is another item's, wherever that is by now.
                let other = #"{"id":"other","pk":"p","email":\#((number + 25) % 50),"c":-1}"#
                let expected = round == 0 && number < 25 ? nil : violation
                #expect(commit(container, try upsert(container, other)) == expected)
                if expected == nil { #expect(commit(container, try delete(container, "other")) == nil) }
            }
        }
    }

    @Test func pathsMustNameProperties() throws {
        for path in ["", "/", "//", "/a//b", "a"] {
            let policy = #"{"uniqueKeys":[{"paths":["\#(path)"]}]}"#
            let text = #"{"id":"c","partitionKey":{"paths":["/pk"]},"uniqueKeyPolicy":\#(policy)}"#
            let value = try JSONValue(parsing: Array(text.utf8))
            #expect(throws: DatabaseError.self) { try ContainerDefinition(value) }
        }
    }
}

extension String {
    fileprivate func replacing(_ part: String, with other: String) -> String {
        split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }
}
