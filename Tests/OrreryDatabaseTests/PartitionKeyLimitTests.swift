import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import Testing

/// Users' partition keys are held to the service's limit, the server's own are not: a topic is one partition key.
@Suite struct PartitionKeyLimitTests {
    private static let bytesMax = 100_000

    /// How many items of a kilobyte fit into one key of a container, of as many as make several times the limit.
    private func itemsTaken(by container: Container) throws -> Int {
        let payload = String(repeating: "x", count: 1000)
        for number in 0..<400 {
            let text = #"{"id":"\#(number)","pk":"one","payload":"\#(payload)"}"#
            let operation = try container.preparingCreate(JSONDocument(parsing: Array(text.utf8)), partitionKey: nil)
            let answer = ItemTests.Answer()
            container.commit([operation]) { answer.set($0) }
            do {
                _ = try answer.wait()
            } catch let failure as ItemFailure {
                guard case .partitionKeyFull = failure.error else { throw failure }
                return number
            }
        }
        return 400
    }

    @Test func aKeyOfTheServersOwnContainersHasNoLimit() throws {
        var configuration = EngineConfiguration()
        configuration.segmentBytes = 1 << 14
        configuration.partitionKeyBytesMax = Self.bytesMax
        let scratch = ItemTests.Scratch()
        let (account, container) = try scratch.open("", configuration)
        defer { account.close() }
        #expect(try itemsTaken(by: container) < 250)
        let own = try account.systemContainer(
            ContainerDefinition(["id": "own", "partitionKey": ["paths": ["/pk"], "kind": "Hash", "version": 2]]))
        #expect(try itemsTaken(by: own) == 400)
    }
}
