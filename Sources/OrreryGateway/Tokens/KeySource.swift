/// Where an identity provider publishes its keys.
enum KeySource: Sendable, Hashable {
    /// The set itself.
    case keySet(url: String)
    /// What the provider says of itself, and there where the set is (OpenID Connect Discovery 1.0).
    case openID(url: String)

    var url: String {
        switch self {
        case .keySet(let url), .openID(let url): url
        }
    }

    static func isURL(_ text: String) -> Bool {
        (text.hasPrefix("https://") || text.hasPrefix("http://")) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
