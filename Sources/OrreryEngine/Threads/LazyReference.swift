internal import Synchronization

/// A reference that is stored once and loaded often. The standard library has one too (`AtomicLazyReference`), which
/// looks its type up at run time with each load: that took longer than the rest of a look-up in the delta.
@safe struct LazyReference<Value: AnyObject & Sendable>: ~Copyable, @unchecked Sendable {
    /// Holds one reference count of what it points to, once it points to anything; it never changes after that.
    private let pointer = unsafe Atomic<UnsafeRawPointer?>(nil)

    deinit {
        if let pointer = unsafe pointer.load(ordering: .acquiring) {
            unsafe Unmanaged<Value>.fromOpaque(pointer).release()
        }
    }

    func load() -> Value? {
        guard let pointer = unsafe pointer.load(ordering: .acquiring) else { return nil }
        return unsafe Unmanaged<Value>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Stores a value unless there is one; answers the one that is stored.
    func storeIfNil(_ value: Value) -> Value {
        let retained = unsafe Unmanaged.passRetained(value)
        let (isStored, _) = unsafe pointer.compareExchange(
            expected: nil, desired: UnsafeRawPointer(retained.toOpaque()), ordering: .acquiringAndReleasing)
        if isStored { return value }
        unsafe retained.release()
        return load() ?? value
    }
}
