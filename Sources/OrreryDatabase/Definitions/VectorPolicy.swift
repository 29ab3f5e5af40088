import OrreryDocuments

/// The rules of a container's vectors: which paths hold them, of what kind they are, and how they are indexed. The
/// messages are the service's (wire specification, section 7).
struct VectorPolicy {
    /// The dimensions of each path that holds a vector.
    private let dimensions: [String: Int]
    private let embeddings: JSONValue?
    private let indexes: JSONValue?

    static let dimensionsMax = 4096
    /// A flat index holds the vectors themselves.
    static let flatDimensionsMax = 505
    static let quantizationBytesMax = 512
    static let searchListSizeRange = 25...500

    /// Checks the policy of a definition.
    /// - Throws: `.invalid`.
    init(_ definition: JSONValue) throws(DatabaseError) {
        embeddings = definition["vectorEmbeddingPolicy"]?["vectorEmbeddings"]
        indexes = definition["indexingPolicy"]?["vectorIndexes"]
        var dimensions: [String: Int] = [:]
        if let embeddings, !embeddings.isNull {
            guard let list = embeddings.array else { throw .invalidInput }
            for embedding in list {
                let (path, count) = try Self.embedding(embedding)
                dimensions[path] = count
            }
        }
        self.dimensions = dimensions
        guard let indexes, !indexes.isNull else { return }
        guard let list = indexes.array else { throw .invalidInput }
        for index in list { try check(index: index) }
    }

    /// Checks that this policy may take the place of another: what is there may not change.
    func validate(replacing old: VectorPolicy) throws(DatabaseError) {
        for index in old.indexes?.array ?? [] where indexes?.array?.contains(index) != true {
            throw .invalid("Paths in existing vector indexing policy cannot be modified in Collection Replace. They "
                + "can only be added or removed.")
        }
        for embedding in old.embeddings?.array ?? [] where embeddings?.array?.contains(embedding) != true {
            throw .invalid("Paths in existing embedding policy cannot be modified in Collection Replace.")
        }
    }

    private static func embedding(_ value: JSONValue) throws(DatabaseError) -> (path: String, dimensions: Int) {
        guard let path = value["path"]?.string, path.utf8.first == UInt8(ascii: "/"),
            let type = value["dataType"]?.string, let function = value["distanceFunction"]?.string,
            let count = value.integer("dimensions")
        else { throw .invalidInput }
        guard ["float32", "float16", "int8", "uint8"].contains(type) else {
            throw .invalid("The Vector Embedding Policy has an invalid DataType:\(type).")
        }
        guard ["euclidean", "cosine", "dotproduct"].contains(function) else {
            throw .invalid("The Vector Embedding Policy has an invalid DistanceFunction:\(function).")
        }
        guard count > 0 else {
            throw .invalid("The Vector Embedding Policy has Dimensions:\(count) which is less than the minimum "
                + "supported value 1.")
        }
        guard count <= dimensionsMax else {
            throw .invalid("The Vector Embedding Policy has Dimensions:\(count) which is more than the maximum "
                + "supported value \(dimensionsMax).")
        }
        return (path, count)
    }

    private func check(index: JSONValue) throws(DatabaseError) {
        guard let path = index["path"]?.string, let type = index["type"]?.string else { throw .invalidInput }
        guard ["flat", "quantizedflat", "diskann"].contains(type.lowercased()) else {
            throw .invalid("The Vector Indexing Policy's Index Type::\(type) is invalid.")
        }
        guard let count = dimensions[path] else {
            throw .invalid("The Vector Indexing Policy's path::\(path) not matching in Embedding's path.")
        }
        guard type.lowercased() != "flat" || count <= Self.flatDimensionsMax else {
            throw .invalid("The Vector Indexing Policy's Index Type::flat has been configured with \(count) "
                + "dimensions, more than the maximum supported value \(Self.flatDimensionsMax).")
        }
        let quantized = 1...min(count, Self.quantizationBytesMax)
        try check(index, "quantizationByteSize", quantized, shownAs: "QuantizationByteSize")
        try check(index, "indexingSearchListSize", Self.searchListSizeRange, shownAs: "IndexingSearchListSize")
        try check(shardKey: index["vectorIndexShardKey"])
    }

    private func check(
        _ index: JSONValue, _ name: String, _ range: ClosedRange<Int>, shownAs shown: String
    ) throws(DatabaseError) {
        guard let value = index[name], !value.isNull else { return }
        guard let number = value.int64 else { throw .invalidInput }
        guard let size = Int(exactly: number), range.contains(size) else {
            throw .invalid("The Vector Indexing Policy parameter \(shown) value :: \(number) is out of range. The "
                + "allowed range is between \(range.lowerBound) and \(range.upperBound).")
        }
    }

    private func check(shardKey: JSONValue?) throws(DatabaseError) {
        guard let shardKey, !shardKey.isNull else { return }
        guard let paths = shardKey.array else { throw .invalidInput }
        guard paths.count <= 1 else {
            throw .invalid("The number of shard paths defined in the Vector Indexing Policy: \(paths.count) exceeds "
                + "the maximum: 1.")
        }
        for path in paths {
            guard let text = path.string else { throw .invalidInput }
            guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count > 1 else {
                throw .invalid("The Vector Indexing Policy has an invalid Shard Path: \(text).")
            }
        }
    }
}
