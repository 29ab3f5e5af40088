import OrreryKeys

/// Who sent a request, as far as its authorization shows.
enum Caller: Equatable {
    /// Whoever has one of the account's keys: may do everything, or with a read-only key read everything.
    case keyHolder(AccountKeyKind)
    /// Whoever has a token of the form that SDKs make in their emulator mode: may do everything with items, and read
    /// what leads to them.
    case emulatorIdentity
    /// Whoever has a token of the identity provider that the server believes: may do what its roles say.
    case principal(Principal)
    /// Whoever was given a permission's token: may do what the permission says.
    case permissionHolder(of: ResourceID)
}
