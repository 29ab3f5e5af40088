import OrreryCrypto
import OrreryHTTP
import OrreryKeys

/// Decides who sent a request, and refuses who may not send any.
struct Authorizer: Sendable {
    let keys: KeyRing
    /// Whose tokens are believed beside the account's own keys; nil where nobody's are.
    let issuer: TokenIssuer?
    /// Whether the issuer's tokens are the only way in.
    let refusesKeys: Bool

    /// Is told when a token of the issuer is believed for the first time.
    private let signedIn: @Sendable (Principal, HTTPRequest) -> Void

    init(
        keys: KeyRing, issuer: TokenIssuer? = nil, refusesKeys: Bool = false,
        signedIn: @escaping @Sendable (Principal, HTTPRequest) -> Void = { _, _ in }
    ) {
        self.keys = keys
        self.issuer = issuer
        self.refusesKeys = refusesKeys
        self.signedIn = signedIn
    }

    /// A signature's date may differ from the server's clock by this much.
    static let skewSecondsMax: Int64 = 15 * 60

    /// The key that the service's emulators publish; whoever can reach the server may know it.
    static let publicKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="

    /// Signs the continuation of a query, so that nobody reads with a forged one what it may not.
    @Sendable func signContinuation(_ bytes: [UInt8]) -> [UInt8] {
        keys.signer.code(for: Array("continuation\n".utf8) + bytes).bytes
    }

    /// The token of a permission, good for some time from now.
    func resourceToken(
        for permission: ResourceID, nowSeconds: Int64, lifetimeSeconds: Int64 = ResourceToken.lifetimeSeconds
    ) -> String {
        let expiry = nowSeconds + lifetimeSeconds
        return ResourceToken(permission: permission, expirySeconds: expiry).text(key: keys.signer)
    }

    /// Finds out who sent a request.
    /// - Parameter isNew: whether the request has just come: one that is being answered was signed in time.
    /// - Throws: 401 with the service's text where it cannot be believed; 403 for a token that is past its time.
    func caller(
        of request: CosmosRequest, nowSeconds: Int64, isNew: Bool = true
    ) throws(CosmosError) -> Caller {
        guard let value = request.headers.bytes("authorization"), !value.isEmpty else { throw .missingAuthorization }
        guard let header = AuthorizationHeader(value) else { throw .unreadableAuthorization }
        // Resource tokens and the emulator mode's rest on a key, too.
        if refusesKeys, !header.isIdentity { throw .keysDisabled }
        switch header {
        case .bearer(let text):
            guard let kind = keys.key(withText: text) else { throw .unauthorized }
            return .keyHolder(kind)
        case .master(let signature):
            if isNew { try checkDate(request, nowSeconds: nowSeconds) }
            return .keyHolder(try signer(of: request, signature))
        case .resource(let text):
            guard let token = ResourceToken(text, key: keys.signer) else { throw .unauthorized }
            guard nowSeconds <= token.expirySeconds else { throw .expiredResourceToken }
            return .permissionHolder(of: token.permission)
        case .identity(let text):
            return try caller(of: request, token: text, nowSeconds: nowSeconds)
        }
    }

    private func caller(
        of request: CosmosRequest, token text: String, nowSeconds: Int64
    ) throws(CosmosError) -> Caller {
        if !refusesKeys, let token = EmulatorToken(text, nowSeconds: nowSeconds),
            let kind = keys.key(withText: token.proof), !kind.isReadOnly {
            return .emulatorIdentity
        }
        guard let found = issuer?.principal(of: text, nowSeconds: nowSeconds) else { throw .unauthorized }
        if found.isNew { signedIn(found.principal, request.http) }
        return .principal(found.principal)
    }

    private func checkDate(_ request: CosmosRequest, nowSeconds: Int64) throws(CosmosError) {
        guard let date = request.nonEmpty("x-ms-date") ?? request.nonEmpty("date"),
            let seconds = HTTPDate.seconds(date)
        else { throw .unreadableAuthorization }
        let (difference, overflow) = nowSeconds.subtractingReportingOverflow(seconds)
        guard !overflow, difference.magnitude <= Self.skewSecondsMax.magnitude else { throw .expiredAuthorization }
    }

    /// The key that a request was signed with.
    private func signer(of request: CosmosRequest, _ signature: String) throws(CosmosError) -> AccountKeyKind {
        guard let given = Base64.decode(Array(signature.utf8)) else { throw .unauthorized }
        let link = request.link
        // A database may be named as if it had a resource id; then its name is what was signed.
        let forms = link.mayBeResourceIDs ? [true, false] : [false]
        for usesResourceIDs in forms {
            let text = SignedText(
                verb: request.http.method.name.utf8, link: link, usesResourceIDs: usesResourceIDs,
                cosmosDate: request.headers.bytes("x-ms-date") ?? [], date: request.headers.bytes("date") ?? [])
            if let kind = keys.key(signing: text.bytes, as: given) { return kind }
        }
        throw .unauthorized
    }
}
