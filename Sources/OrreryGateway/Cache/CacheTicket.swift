/// What a call that was not answered from the cache carries along, so that its answer can be kept.
struct CacheTicket: Sendable {
    let key: AnswerCache.Key
    /// Where the answer comes from a container.
    let source: ContainerSource?

    /// What of a container an answer rests on.
    struct ContainerSource: Sendable {
        let recency: ContainerRecency
        /// The partition key; nil for all.
        let key: [UInt8]?
        /// The container's time before it was asked.
        let sequence: UInt64
    }
}

/// Writes texts one behind the other so that no two lists of texts look alike.
struct CacheKeyWriter {
    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(256)
    }

    mutating func append(_ text: some Collection<UInt8>) {
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: text.count >> shift)) }
        bytes.append(contentsOf: text)
    }

    mutating func append(values: [String]) {
        append(String(values.count))
        for value in values { append(value) }
    }

    mutating func append(_ text: String?) { append((text ?? "").utf8) }
}
