internal import Synchronization

extension Partition {
    /// Indexes by another selection from now on. What is there already is indexed anew in the background.
    func change(to next: IndexSelection) {
        selection.withLock { $0 = next }
    }
}
