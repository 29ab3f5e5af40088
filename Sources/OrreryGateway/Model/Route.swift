/// What a request's path leads to: an operation, and the policies that its calls pass. A class, for every call has it.
final class Route: Sendable {
    let api: API
    let operation: Operation
    /// Unlike that of any other operation of any API.
    let name: String
    /// Whether bodies are taken while they come, whatever the product.
    let takesUploads: Bool
    /// By the names of the products that offer the API.
    private let productPolicies: [String: [Policy]]
    private let ownPolicies: [Policy]

    /// - Parameter offering: the products that offer the API.
    init(_ operation: Operation, of api: API, _ settings: GatewaySettings, offering products: [Product]) {
        func policies(_ product: Product?) -> [Policy] {
            Policy.arranged([settings.policies, product?.policies ?? [], api.policies, operation.policies])
        }
        (self.api, self.operation, name) = (api, operation, api.documentID + "\n" + operation.id)
        ownPolicies = policies(nil)
        productPolicies = Dictionary(products.map { ($0.id, policies($0)) }, uniquingKeysWith: { first, _ in first })
        let looksAtBody = ([ownPolicies] + productPolicies.values).joined().contains(where: \.looksAtBody)
        takesUploads = operation.takesUploads && !looksAtBody
    }

    /// What a call passes that is made under a product, or under none.
    func policies(for product: Product?) -> [Policy] {
        product.map { productPolicies[$0.id] ?? [] } ?? ownPolicies
    }
}
