extension Partition {
    /// An effective partition key with about half of the items before it; nil where all have the same, or there are
    /// none. It reads some of the index and one item.
    public func middleKey() throws(EngineError) -> [UInt8]? {
        try currentView.middleKey()
    }
}
