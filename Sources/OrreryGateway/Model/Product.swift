import OrreryDocuments

/// APIs that are offered together, under the same limits: `{"id":"carrier","apis":["loads"],"policies":[…]}`.
final class Product: Sendable {
    let id: String
    let displayName: String
    /// The ids of its APIs.
    let apis: [String]
    /// Whether a call needs the key of a subscription to it. A product without is open to everybody whom its policies
    /// let pass.
    let requiresSubscription: Bool
    let policies: [Policy.Ranked]

    init(_ json: JSONValue, _ context: PolicyContext) throws(ConfigurationError) {
        var reader = try ConfigurationReader(json, at: "product")
        id = try reader.requiredName("id")
        displayName = try reader.text("displayName") ?? id
        apis = try reader.texts("apis")
        requiresSubscription = try reader.flag("requiresSubscription") ?? true
        policies = try Policy.list(reader.array("policies"), of: "product/\(id)", context)
        _ = reader.value("kind")
        try reader.finish()
    }
}
