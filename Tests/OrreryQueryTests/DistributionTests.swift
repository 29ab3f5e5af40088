import OrreryDocuments
import OrreryKeys
import Testing

@testable import OrreryQuery

/// A client that merges partitions by our plans gets the rows that one partition with everything would yield, and so
/// does a server that runs the query over several partitions strung together.
@Suite struct DistributionTests {
    @Test(arguments: [UInt64(5), 6, UInt64.random(in: 10...UInt64.max)])
    func mergedPartitionsYieldTheRowsOfOne(seed: UInt64) throws {
        var generator = RandomQueries(seed: seed)
        for _ in 0..<20 {
            let documents = try QueryRun.documents(generator.documents(14))
            let cuts = [Int.random(in: 0...14, using: &generator.random), 7].sorted()
            let partitions = [documents[..<cuts[0]], documents[cuts[0]..<cuts[1]], documents[cuts[1]...]].map {
                Array($0)
            }
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

    private func matches(_ rows: [JSONValue], _ whole: [JSONValue], _ generated: RandomQueries.Generated) -> Bool {
        if generated.isCut { return rows.count == whole.count }
        return generated.isOrdered
            ? JSONValue.array(rows).isClose(to: .array(whole)) : JSONValue.areSameBags(rows, whole)
    }
}
