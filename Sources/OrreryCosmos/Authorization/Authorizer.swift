import OrreryCrypto
import OrreryHTTP
import OrreryKeys

/// Decides who sent a request, and refuses who may not send any.
struct Authorizer: Sendable {
    /// The account's key as users know it, in base64.
    private let keyText: [UInt8]
    /// The same key as signatures use it.
    private let key: HMACSHA256

    /// A signature's date may differ from the server's clock by this much.
    static let skewSecondsMax: Int64 = 15 * 60

    /// The key that the service's emulators publish; whoever can reach the server may know it.
    static let publicKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="

    /// An authorizer for an account with that key; nil where the key is not base64.
    init?(key text: String) {
        guard let key = Base64.decode(Array(text.utf8)), !key.isEmpty else { return nil }
        self.key = HMACSHA256(key: key)
        keyText = Array(text.utf8)
    }

    /// Signs the continuation of a query: who has the account's key might forge one, and may read everything anyway.
    @Sendable func signContinuation(_ bytes: [UInt8]) -> [UInt8] {
        key.code(for: Array("continuation\n".utf8) + bytes).bytes
    }

    /// The token of a permission, good for the usual time from now.
    func resourceToken(for permission: ResourceID, nowSeconds: Int64) -> String {
        let expiry = nowSeconds + ResourceToken.lifetimeSeconds
        return ResourceToken(permission: permission, expirySeconds: expiry).text(key: key)
    }

    /// Finds out who sent a request.
    /// - Throws: 401 with the service's text where it cannot be believed; 403 for a token that is past its time.
    func caller(of request: CosmosRequest, nowSeconds: Int64) throws(CosmosError) -> Caller {
        guard let value = request.headers.bytes("authorization"), !value.isEmpty else { throw .missingAuthorization }
        guard let header = AuthorizationHeader(value) else { throw .unreadableAuthorization }
        switch header {
        case .bearer(let key):
            guard constantTimeEqual(Array(key.utf8), keyText) else { throw .unauthorized }
            return .owner
        case .master(let signature):
            try checkDate(request, nowSeconds: nowSeconds)
            try check(signature: signature, of: request)
            return .owner
        case .resource(let text):
            guard let token = ResourceToken(text, key: key) else { throw .unauthorized }
            guard nowSeconds <= token.expirySeconds else { throw .expiredResourceToken }
            return .holder(of: token.permission)
        case .identity(let text):
            guard IdentityToken(text, key: keyText, nowSeconds: nowSeconds) != nil else { throw .unauthorized }
            return .identity
        }
    }

    private func checkDate(_ request: CosmosRequest, nowSeconds: Int64) throws(CosmosError) {
        guard let date = request.nonEmpty("x-ms-date") ?? request.nonEmpty("date"),
            let seconds = HTTPDate.seconds(date)
        else { throw .unreadableAuthorization }
        let (difference, overflow) = nowSeconds.subtractingReportingOverflow(seconds)
        guard !overflow, difference.magnitude <= Self.skewSecondsMax.magnitude else { throw .expiredAuthorization }
    }

    private func check(signature: String, of request: CosmosRequest) throws(CosmosError) {
        guard let given = Base64.decode(Array(signature.utf8)) else { throw .unauthorized }
        let link = request.link
        // A database may be named as if it had a resource id; then its name is what was signed.
        let forms = link.mayBeResourceIDs ? [true, false] : [false]
        for usesResourceIDs in forms {
            let text = SignedText(
                verb: request.http.method.name.utf8, link: link, usesResourceIDs: usesResourceIDs,
                cosmosDate: request.headers.bytes("x-ms-date") ?? [], date: request.headers.bytes("date") ?? [])
            if constantTimeEqual(key.code(for: text.bytes).bytes, given) { return }
        }
        throw .unauthorized
    }
}
