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

    private struct State {
        var verdicts: [Key: Verdict] = [:]
        /// How often all were forgotten.
        var clearCount = 0
    }

    private let state = Mutex(State())
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
        let (known, clearCount) = state.withLock { ($0.verdicts[key], $0.clearCount) }
        if let known {
            guard nowSeconds < known.endSeconds else { return nil }
            return known.claims
        }
        guard let verdict = check(), nowSeconds < verdict.endSeconds else { return nil }
        state.withLock { state in
            // It may have been checked with keys that are gone by now.
            guard state.clearCount == clearCount else { return }
            if state.verdicts.count >= Self.verdictsMax {
                state.verdicts = state.verdicts.filter { nowSeconds < $0.value.endSeconds }
            }
            if state.verdicts.count >= Self.verdictsMax { state.verdicts.removeAll() }
            state.verdicts[key] = verdict
        }
        return verdict.claims
    }

    /// Forgets all: keys have changed.
    func clear() {
        state.withLock { state in
            state.verdicts.removeAll()
            state.clearCount += 1
        }
    }
}
