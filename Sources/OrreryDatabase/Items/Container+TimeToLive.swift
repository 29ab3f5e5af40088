internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys

/// Time to live: a container's `defaultTtl` and an item's own `ttl` (features and limits, "TTL").
extension Container {
    /// What a document says of its own time to live: 0 for nothing, -1 for "it does not end".
    /// - Throws: `.invalid` for what is no time to live, where the container has it turned on; where it is off, what
    ///   the property holds means nothing.
    func timeToLiveSeconds(of root: JSONNode) throws(DatabaseError) -> Int32 {
        guard let value = root["ttl"] else { return 0 }
        if let seconds = value.number?.int64.flatMap(Int32.init(exactly:)), seconds == -1 || seconds > 0 {
            return seconds
        }
        guard definition.timeToLive == .off else {
            throw .invalid("The input ttl is invalid. Ensure to provide a nonzero positive integer less than or equal "
                + "to '\(ContainerDefinition.timeToLiveSecondsMax)', or -1.")
        }
        return 0
    }
}

extension ContainerDefinition {
    /// When items end by themselves, as the engine takes it.
    var timeToLive: TimeToLivePolicy {
        guard let seconds = defaultTimeToLiveSeconds else { return .off }
        return seconds > 0 ? .after(seconds: Int32(clamping: seconds)) : .itemsOwn
    }
}
