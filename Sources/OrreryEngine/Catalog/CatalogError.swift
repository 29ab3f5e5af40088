internal import OrreryLMDB

/// Why the catalog refused, grouped by what the caller can do next.
public enum CatalogError: Error, Sendable, Equatable {
    /// A resource of this kind and name stands there already.
    case conflict
    /// The resource, or the parent it was to stand under, is not there.
    case notFound
    /// The resource has changed since the entity tag was read.
    case preconditionFailed
    /// The store was closed.
    case closed
    /// The disk or its format failed: nothing was changed.
    case storage(String)

    init(_ error: LMDBError) {
        self = .storage(error.description)
    }
}
