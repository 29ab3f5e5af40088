import OrreryCrypto
import OrreryDatabase
import OrreryDocuments
import OrreryKeys

extension ItemRequest {
    /// The indexes that a query used, as `x-ms-cosmos-index-utilization` tells them: base64 of a JSON object. A query
    /// within a partition key finds its items by the index that every container has on the key's paths; all else is a
    /// scan, until paths are indexed.
    func indexUtilization(of scope: FeedScope) -> String {
        var single: [JSONValue] = []
        if case .partitionKey = scope {
            single = container.definition.partitionKey.paths.map { path in
                [
                    "FilterExpression": "", "IndexSpec": .string("\(path)/?"), "FilterPreciseSet": true,
                    "IndexPreciseSet": true, "IndexImpactScore": "High",
                ]
            }
        }
        let utilization: JSONValue = [
            "UtilizedSingleIndexes": .array(single), "PotentialSingleIndexes": [], "UtilizedCompositeIndexes": [],
            "PotentialCompositeIndexes": [],
        ]
        return Base64.encode(utilization.text)
    }
}
