import OrreryCrypto
import OrreryDocuments
import OrreryHTTP
import OrreryTokens

/// `validate-jwt`: lets only calls pass that carry a token of somebody who is trusted, for us, and good now.
final class ValidateJWT: Sendable {
    /// Where the token stands.
    private enum Source: Sendable {
        case header(String)
        case query(String)
    }

    /// What a claim must hold: one of some values, or all of them.
    private struct RequiredClaim: Sendable {
        let name: String
        let values: [String]
        let needsAll: Bool
    }

    private let source: Source
    private let scheme: String
    private let keys: [JSONWebKey]
    /// Where more keys are published; nil where the configuration has all.
    private let keySource: KeySource?
    private let issuers: [String]
    private let audiences: [String]
    private let claims: [RequiredClaim]
    private let skewSeconds: Int64
    private let tenantClaim: String?
    /// Tells verdicts of differently configured checks apart.
    let identity: Digest

    init(_ reader: inout ConfigurationReader, _ context: PolicyContext) throws(ConfigurationError) {
        var checked = Array(reader.fingerprint.utf8)
        let (header, query) = (try reader.text("header"), try reader.text("query"))
        if let query { source = .query(query) } else { source = .header(header ?? "Authorization") }
        scheme = try reader.text("scheme") ?? (query == nil ? "Bearer" : "")
        issuers = try reader.texts("issuers")
        audiences = try reader.texts("audiences")
        skewSeconds = Int64(try reader.integer("clockSkewSeconds", in: 0...600) ?? 0)
        tenantClaim = try reader.text("tenantClaim")
        keySource = try Self.keySource(&reader)
        keys = try Self.keys(&reader, context, &checked)
        identity = SHA256.digest(of: checked)
        if keys.isEmpty, keySource == nil { throw reader.wrong("jwks", "there, or secrets") }
        var claims: [RequiredClaim] = []
        for json in try reader.array("requiredClaims") {
            var claim = try ConfigurationReader(json, at: "\(reader.place), requiredClaims")
            claims.append(
                RequiredClaim(
                    name: try claim.requiredText("name"), values: try claim.texts("values"),
                    needsAll: try claim.text("match") ?? "all" == "all"))
            try claim.finish()
        }
        self.claims = claims
    }

    private static func keySource(_ reader: inout ConfigurationReader) throws(ConfigurationError) -> KeySource? {
        if let url = try reader.text("openIDConfiguration") {
            guard KeySource.isURL(url) else { throw reader.wrong("openIDConfiguration", "a URL") }
            return .openID(url: url)
        }
        guard let url = reader.value("jwks")?.string, KeySource.isURL(url) else { return nil }
        return .keySet(url: url)
    }

    /// Public keys stand in the configuration or in a file; shared secrets are referred to, and never stand there.
    /// - Parameter checked: is given what references lead to, which may change while they stay.
    private static func keys(
        _ reader: inout ConfigurationReader, _ context: PolicyContext, _ checked: inout [UInt8]
    ) throws(ConfigurationError) -> [JSONWebKey] {
        var keys: [JSONWebKey] = []
        if let set = reader.value("jwks"), set.string.map(KeySource.isURL) != true {
            var json = set
            if let reference = set.string {
                guard let text = context.secret(reference), let read = try? JSONValue(parsing: text) else {
                    throw reader.wrong("jwks", "a key set, and '\(reference)' leads to none")
                }
                json = read
                checked += SHA256.digest(of: text).hex.utf8
            }
            guard let set = JSONWebKeySet(json, taking: [.rs256, .es256]) else {
                throw reader.wrong("jwks", "a key set with keys for RS256 or ES256")
            }
            keys += set.keys
        }
        for json in try reader.array("secrets") {
            var secret = try ConfigurationReader(json, at: "\(reader.place), secrets")
            let reference = try secret.requiredText("secret")
            let algorithm = try secret.word("algorithm", JSONWebAlgorithm.self) ?? .hs256
            let name = try secret.text("kid") ?? ""
            try secret.finish()
            guard let text = context.secret(reference) else {
                throw secret.wrong("secret", "a reference such as env:NAME or file:PATH that leads to a secret")
            }
            guard let key = JSONWebKey(secret: text, algorithm, name: name) else {
                throw secret.wrong("secret", "as long as the codes of \(algorithm.rawValue)")
            }
            keys.append(key)
            checked += SHA256.digest(of: text).hex.utf8
        }
        return keys
    }

    func apply(to call: inout GatewayCall, _ services: PolicyServices) -> PolicyOutcome {
        let shown = shown(by: call)
        // Who answers might look at another one than was checked.
        guard shown.count <= 1 else { return .answer(GatewayAnswer.invalidToken) }
        guard let text = shown.first.flatMap(token) else { return .answer(GatewayAnswer.missingToken) }
        let digest = SHA256.digest(of: Array(text.utf8))
        let claims = services.gateway.verdicts.claims(of: digest, for: identity, nowSeconds: services.nowSeconds) {
            check(text, services.nowSeconds, keySource.flatMap(services.gateway.keySets.known))
        }
        guard let claims else { return refusal(of: text, services) }
        (call.claims, call.tokenDigest) = (claims, digest)
        if let tenantClaim {
            let tenant = call.claim(tenantClaim)
            guard !tenant.isEmpty else { return .answer(GatewayAnswer.invalidToken) }
            call.tenant = tenant
        }
        return .goOn
    }

    /// What becomes of a token that is not good: one of a key that nobody knows may be once the provider was asked.
    private func refusal(of text: String, _ services: PolicyServices) -> PolicyOutcome {
        guard let keySource, let token = JSONWebToken(text), let algorithm = token.algorithm,
            algorithm == .rs256 || algorithm == .es256
        else { return .answer(GatewayAnswer.invalidToken) }
        let known = services.gateway.keySets.known(keySource)
        if let known, key(for: token, algorithm, among: keys + known.keys) != nil {
            return .answer(GatewayAnswer.invalidToken)
        }
        return .wait { then in
            if services.gateway.keySets.refresh(keySource, then: { then(.again) }) { return }
            then(.answer(known == nil ? GatewayAnswer.missingKeys : GatewayAnswer.invalidToken))
        }
    }

    /// What stands where the token is to be.
    private func shown(by call: GatewayCall) -> [String] {
        switch source {
        case .query(let name): call.query.fields.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
        case .header(let name): call.headers.fields.values(named: name)
        }
    }

    /// What stands behind the scheme; nil where there is another scheme.
    private func token(_ value: String) -> String? {
        if scheme.isEmpty { return value }
        let end = value.utf8.index(value.startIndex, offsetBy: scheme.utf8.count, limitedBy: value.endIndex)
        guard let end, CallHeaders.areEqual(value[..<end], scheme), value.utf8[end...].first == 0x20 else { return nil }
        let token = value[value.utf8.index(after: end)...]
        return token.isEmpty ? nil : String(token)
    }

    /// What a token says, and until when; nil for one that is not good.
    private func check(
        _ text: String, _ nowSeconds: Int64, _ published: KeySets.KeySet?
    ) -> TokenVerdicts.Verdict? {
        let keys = keys + (published?.keys ?? [])
        guard let token = JSONWebToken(text), let algorithm = token.algorithm,
            let key = key(for: token, algorithm, among: keys), key.verifies(token), let end = token.seconds("exp")
        else { return nil }
        if token.claims["nbf"] != nil {
            guard let start = token.seconds("nbf"), start - skewSeconds <= nowSeconds else { return nil }
        }
        // A provider that says what it is called signs for nobody else.
        let issuers = issuers.isEmpty ? published?.issuer.map { [$0] } ?? [] : issuers
        if !issuers.isEmpty {
            guard let issuer = token.claims["iss"]?.string else { return nil }
            guard issuers.contains(where: { $0.utf8.elementsEqual(issuer.utf8) }) else { return nil }
        }
        if !audiences.isEmpty, !audiences.contains(where: { token.isFor($0) }) { return nil }
        guard claims.allSatisfy({ Self.holds($0, token.claims) }) else { return nil }
        return TokenVerdicts.Verdict(claims: token.claims, endSeconds: end + skewSeconds)
    }

    /// A token names its key, or there is but one of its algorithm.
    private func key(
        for token: JSONWebToken, _ algorithm: JSONWebAlgorithm, among keys: [JSONWebKey]
    ) -> JSONWebKey? {
        let fitting = keys.filter { $0.algorithm == algorithm }
        guard let name = token.header["kid"]?.string else { return fitting.count == 1 ? fitting.first : nil }
        return fitting.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    private static func holds(_ required: RequiredClaim, _ claims: JSONValue) -> Bool {
        guard let claim = claims[required.name], !claim.isNull else { return false }
        if required.values.isEmpty { return true }
        // Scopes stand in one text with spaces between.
        let texts = claim.array?.compactMap(\.string)
            ?? claim.string.map { $0.split(separator: " ").map(String.init) + [$0] } ?? [claim.description]
        func has(_ value: String) -> Bool { texts.contains { $0.utf8.elementsEqual(value.utf8) } }
        return required.needsAll ? required.values.allSatisfy(has) : required.values.contains(where: has)
    }
}
