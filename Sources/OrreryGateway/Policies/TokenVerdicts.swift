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

    /// A token, and whose check it passed: what one holds for good another may not.
    private struct Key: Hashable {
        let check: Digest
        let token: Digest
    }

    private let verdicts = Mutex<[Key: Verdict]>([:])
    private static let verdictsMax = 4096

    /// What a token says; nil where it is not good now.
    /// - Parameters:
    ///   - token: its digest.
    ///   - identity: whose check it is.
    ///   - check: checks a token that is not known.
    func claims(
        of token: Digest, for identity: Digest, nowSeconds: Int64, _ check: () -> Verdict?
    ) -> JSONValue? {
        let key = Key(check: identity, token: token)
        if let known = verdicts.withLock({ $0[key] }) {
            guard nowSeconds < known.endSeconds else { return nil }
            return known.claims
        }
        guard let verdict = check(), nowSeconds < verdict.endSeconds else { return nil }
        verdicts.withLock { verdicts in
            if verdicts.count >= Self.verdictsMax { verdicts = verdicts.filter { nowSeconds < $0.value.endSeconds } }
            if verdicts.count >= Self.verdictsMax { verdicts.removeAll() }
            verdicts[key] = verdict
        }
        return verdict.claims
    }

    /// Forgets all: keys have changed.
    func clear() { verdicts.withLock { $0.removeAll() } }
}
