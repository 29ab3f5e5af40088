import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import Testing

/// Users' partition keys are held to the service's limit, the server's own are not: a topic is one partition key.
@Suite struct PartitionKeyLimitTests {
    private static let bytesMax = 100_000

    /// How many items of a kilobyte a container takes, of as many as make several times the limit.
    /// - Parameter pathValues: the members with the partition key of the item of a number.
    private func itemsTaken(
        by container: Container, idsFrom first: Int = 0, _ pathValues: (Int) -> String = { _ in #""pk":"one""# }
    ) throws -> Int {
        let payload = String(repeating: "x", count: 1000)
        for number in 0..<400 {
            let text = #"{"id":"\#(first + number)",\#(pathValues(number)),"payload":"\#(payload)"}"#
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

    @Test func aHierarchicalKeyIsNotFullOfItsSiblingsItems() throws {
        var configuration = EngineConfiguration()
        configuration.segmentBytes = 1 << 14
        configuration.partitionKeyBytesMax = Self.bytesMax
        let scratch = ItemTests.Scratch()
        let (account, container) = try scratch.open(
            "", configuration,
            partitionKey: #"{"paths":["/tenant","/user","/session"],"kind":"MultiHash","version":2}"#)
        defer { account.close() }
        // Eight sessions of one user have half of the limit each.
        let sessions = try itemsTaken(by: container) { #""tenant":"a","user":"b","session":"\#($0 % 8)""# }
        #expect(sessions == 400)
        let one = try itemsTaken(by: container, idsFrom: 400) { _ in #""tenant":"a","user":"b","session":"0""# }
        #expect(one < 250)
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
