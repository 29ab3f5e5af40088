import OrreryCrypto
import OrreryDocuments
import OrreryTokens
import Synchronization

/// The identity provider whose tokens the server believes: JSON Web Tokens signed with RS256 (RFC 7519, RFC 7518).
///
/// Only that algorithm is taken, whatever a token's header says, so that neither unsigned tokens nor ones that take the
/// public key for a secret get through.
public final class TokenIssuer: Sendable {
    /// Who a provider is, as its tokens say it, and where its keys are.
    public struct Configuration: Sendable {
        /// What tokens must have as `iss`, byte by byte.
        public var issuer: String
        /// What tokens must have as `aud`, alone or among others.
        public var audience: String
        /// Gives the provider's key set as JSON text; nil where it cannot be had at the moment.
        public var readKeys: @Sendable () -> [UInt8]?

        public init(issuer: String, audience: String, readKeys: @escaping @Sendable () -> [UInt8]?) {
            self.issuer = issuer
            self.audience = audience
            self.readKeys = readKeys
        }
    }

    private struct Verified {
        let principal: Principal
        let startSeconds: Int64
        let endSeconds: Int64
    }

    private struct State {
        var keys: JSONWebKeySet?
        var keysReadSeconds = Int64.min
        /// Rises with each key set: what was verified under one before is not kept.
        var keysCount = 0
        /// Tokens found good, by their digest: a client sends the same one for about an hour.
        var verified: [[UInt8]: Verified] = [:]
    }

    private let configuration: Configuration
    private let state = Mutex(State())

    /// Clocks may differ by this much.
    static let skewSeconds: Int64 = 5 * 60
    /// Keys are read again when they are so old and a token is to be verified, at once where it names an unknown one.
    private static let keysSecondsMax: Int64 = 300
    /// But no more often than this, so that made-up names cause no work.
    private static let keysSecondsMin: Int64 = 10
    private static let verifiedMax = 4096

    public init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Whether the key set can be read now and holds a key; for a look at the start.
    public var hasKeys: Bool {
        readKeySet() != nil
    }

    private func readKeySet() -> JSONWebKeySet? {
        configuration.readKeys().flatMap { JSONWebKeySet($0, taking: [.rs256]) }
    }

    /// Whom a token speaks for, and whether it was not known before; nil for one that is not good now.
    func principal(of text: String, nowSeconds: Int64) -> (principal: Principal, isNew: Bool)? {
        guard text.utf8.count <= JSONWebToken.bytesMax else { return nil }
        readKeysIfOld(nowSeconds)
        let digest = SHA256.digest(of: Array(text.utf8)).bytes
        if let known = state.withLock({ $0.verified[digest] }) {
            let isGood = known.startSeconds <= nowSeconds && nowSeconds < known.endSeconds
            return isGood ? (known.principal, false) : nil
        }
        let keysCount = state.withLock { $0.keysCount }
        guard let token = JSONWebToken(text), let verified = verify(token, nowSeconds) else { return nil }
        guard verified.startSeconds <= nowSeconds, nowSeconds < verified.endSeconds else { return nil }
        state.withLock { state in
            guard state.keysCount == keysCount else { return }
            if state.verified.count >= Self.verifiedMax { state.verified.removeAll() }
            state.verified[digest] = verified
        }
        return (verified.principal, true)
    }

    private func verify(_ token: JSONWebToken, _ nowSeconds: Int64) -> Verified? {
        guard token.algorithm == .rs256, let key = key(named: token.header["kid"]?.string, nowSeconds),
            key.verifies(token)
        else { return nil }
        let claims = token.claims
        guard let issuer = claims["iss"]?.string, issuer.utf8.elementsEqual(configuration.issuer.utf8),
            token.isFor(configuration.audience), let end = token.seconds("exp")
        else { return nil }
        var start = Int64.min
        if claims["nbf"] != nil {
            guard let notBefore = token.seconds("nbf") else { return nil }
            start = notBefore - Self.skewSeconds
        }
        guard let principal = Principal(claims) else { return nil }
        return Verified(principal: principal, startSeconds: start, endSeconds: end + Self.skewSeconds)
    }

    // MARK: Keys

    private func key(named name: String?, _ nowSeconds: Int64) -> JSONWebKey? {
        if let key = state.withLock({ $0.keys?.key(named: name) }) { return key }
        readKeys(olderThanSeconds: Self.keysSecondsMin, nowSeconds)
        return state.withLock { $0.keys?.key(named: name) }
    }

    private func readKeysIfOld(_ nowSeconds: Int64) {
        readKeys(olderThanSeconds: Self.keysSecondsMax, nowSeconds)
    }

    /// Takes the provider's keys as they are now. What was verified with keys that may be gone is verified anew. Where
    /// they cannot be had, those from before go on.
    private func readKeys(olderThanSeconds: Int64, _ nowSeconds: Int64) {
        let isDue = state.withLock { state in
            let (age, overflow) = nowSeconds.subtractingReportingOverflow(state.keysReadSeconds)
            guard overflow || age < 0 || age >= olderThanSeconds else { return false }
            state.keysReadSeconds = nowSeconds
            return true
        }
        guard isDue, let keys = readKeySet() else { return }
        state.withLock { state in
            state.keys = keys
            state.keysCount += 1
            state.verified.removeAll()
        }
    }
}
