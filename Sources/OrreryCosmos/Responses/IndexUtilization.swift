import OrreryCrypto
import OrreryDatabase
import OrreryDocuments
import OrreryKeys
import OrreryQuery

extension ItemRequest {
    /// The indexes that a query used and those it could use, as `x-ms-cosmos-index-utilization` tells them: base64 of a
    /// JSON object. A query within a partition key finds its items by the index that every container has on the key's
    /// paths; others by the paths of its filter.
    func indexUtilization(of query: Query, in scope: FeedScope) -> String {
        var utilized: [JSONValue] = []
        if case .partitionKey = scope {
            utilized = container.definition.partitionKey.paths.map { path in
                Self.entry(filter: "", path: "\(path)/?", isPrecise: true)
            }
        }
        var potential: [JSONValue] = []
        for use in container.indexUses(of: query) {
            let entry = Self.entry(filter: use.filter, path: use.path, isPrecise: use.isPrecise)
            if use.isUtilized { utilized.append(entry) } else { potential.append(entry) }
        }
        var composites: (utilized: [JSONValue], potential: [JSONValue]) = ([], [])
        for use in container.compositeIndexUses(of: query) {
            let entry: JSONValue = [
                "IndexSpecs": .array(use.paths.map { .string($0) }), "IndexPreciseSet": true,
                "IndexImpactScore": "High",
            ]
            if use.isUtilized { composites.utilized.append(entry) } else { composites.potential.append(entry) }
        }
        let utilization: JSONValue = [
            "UtilizedSingleIndexes": .array(utilized), "PotentialSingleIndexes": .array(potential),
            "UtilizedCompositeIndexes": .array(composites.utilized),
            "PotentialCompositeIndexes": .array(composites.potential),
        ]
        return Base64.encode(utilization.text)
    }

    private static func entry(filter: String, path: String, isPrecise: Bool) -> JSONValue {
        [
            "FilterExpression": .string(filter), "IndexSpec": .string(path),
            "FilterPreciseSet": .boolean(isPrecise), "IndexPreciseSet": .boolean(isPrecise),
            "IndexImpactScore": "High",
        ]
    }
}
