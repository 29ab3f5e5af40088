import OrreryDocuments
import OrreryKeys
import Testing

@testable import OrreryQuery

/// A client that merges partitions by our plans gets the rows that one partition with everything would yield, and so
/// does a server that runs the query over several partitions strung together.
@Suite struct DistributionTests {
    @Test(arguments: [UInt64(5), 6, 10_022_228_715_479_782_905, UInt64.random(in: 10...UInt64.max)])
    func mergedPartitionsYieldTheRowsOfOne(seed: UInt64) throws {
        var generator = RandomQueries(seed: seed)
        for _ in 0..<20 {
            let partitions = try Self.partitions(QueryRun.documents(generator.documents(14)))
            // One after the other, so that ties stand in the same order in the whole as in its parts.
            let documents = Array(partitions.joined())
            for _ in 0..<20 {
                let generated = generator.query()
                let context: Comment = "seed \(seed): \(generated.text)"
                guard let whole = try? QueryRun.rows(generated.text, over: documents) else { continue }
                let client = try MergingClient(generated.text, partitions: partitions)
                let merged = try client.rows()
                let served = try QueryRun.rows(generated.text, overPartitions: partitions, rowCountMax: 2)
                #expect(matches(served, whole, generated), "\(context) on the server")
                let isMerged = matches(merged, whole, generated)
                #expect(
                    isMerged, "\(context) as \(client.text): \(JSONValue.array(merged)) not \(JSONValue.array(whole))")
            }
        }
    }

    /// Three partitions, of which each holds all documents of a partition key: plans count on that.
    private static func partitions(_ documents: [JSONDocument]) throws -> [[JSONDocument]] {
        let definition = try PartitionKeyDefinition(paths: ["/pk"])
        var partitions: [[JSONDocument]] = [[], [], []]
        for document in documents {
            let key = definition.effectiveKey(of: definition.partitionKey(of: document.root))
            partitions[Int(key.bytes.last ?? 0) % partitions.count].append(document)
        }
        return partitions
    }

    private func matches(_ rows: [JSONValue], _ whole: [JSONValue], _ generated: RandomQueries.Generated) -> Bool {
        if generated.isCut { return rows.count == whole.count }
        return generated.isOrdered
            ? JSONValue.array(rows).isClose(to: .array(whole)) : JSONValue.areSameBags(rows, whole)
    }
}
