/// Which of an account's four keys: the service's names for them.
public enum AccountKeyKind: String, Sendable, CaseIterable {
    case primary, secondary, primaryReadonly, secondaryReadonly

    /// Whether the key opens nothing but reads.
    public var isReadOnly: Bool { self == .primaryReadonly || self == .secondaryReadonly }

    /// The kind of that name, in any case.
    init?(name: some StringProtocol) {
        let name = name.lowercased()
        guard let kind = Self.allCases.first(where: { $0.rawValue.lowercased().utf8.elementsEqual(name.utf8) }) else {
            return nil
        }
        self = kind
    }
}
