import OrreryKeys

/// Who sent a request, as far as its authorization shows.
enum Caller: Equatable {
    /// Whoever has the account's key: may do everything.
    case owner
    /// Whoever has a token of an identity: may do everything with items, and read what leads to them.
    case identity
    /// Whoever was given a permission's token: may do what the permission says.
    case holder(of: ResourceID)
}
