import OrreryCrypto
import OrreryDocuments
import Synchronization

/// Tokens that were found good, by their digest, until they end: a client sends the same one for about an hour, and
/// checking a signature costs more than all else that the gateway does.
final class TokenVerdicts: Sendable {
    struct Verdict: Sendable {
        let claims: JSONValue
        let endSeconds: Int64
    }

    private let verdicts = Mutex<[[UInt8]: Verdict]>([:])
    private static let verdictsMax = 4096

    /// What a token says; nil where it is not good now.
    /// - Parameters:
    ///   - identity: whose check it is: what one holds for good another may not.
    ///   - check: checks a token that is not known.
    func claims(
        of token: String, for identity: String, nowSeconds: Int64, _ check: () -> Verdict?
    ) -> JSONValue? {
        let digest = SHA256.digest(of: Array((identity + "\n" + token).utf8)).bytes
        if let known = verdicts.withLock({ $0[digest] }) {
            guard nowSeconds < known.endSeconds else { return nil }
            return known.claims
        }
        guard let verdict = check(), nowSeconds < verdict.endSeconds else { return nil }
        verdicts.withLock { verdicts in
            if verdicts.count >= Self.verdictsMax { verdicts = verdicts.filter { nowSeconds < $0.value.endSeconds } }
            if verdicts.count >= Self.verdictsMax { verdicts.removeAll() }
            verdicts[digest] = verdict
        }
        return verdict.claims
    }

    /// Forgets all: keys have changed.
    func clear() { verdicts.withLock { $0.removeAll() } }
}
