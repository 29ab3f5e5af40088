import OrreryDocuments
import OrreryHTTP
import OrreryTokens
import Synchronization

/// The keys of identity providers, as they publish them: asked for when the first token comes, kept for an hour, and
/// asked for anew when a token names a key that nobody knows. Tokens are anybody's to make up, so that is done seldom.
final class KeySets: Sendable {
    struct KeySet: Sendable {
        let keys: [JSONWebKey]
        /// What the provider calls itself, where it says so.
        let issuer: String?
    }

    private struct Entry {
        var set: KeySet?
        var text: [UInt8] = []
        var fetchedSeconds: Int64 = 0
        var attemptSeconds: Int64?
        var isFetching = false
        var waiting: [@Sendable () -> Void] = []
    }

    private static let freshSeconds: Int64 = 3600
    /// A provider that cannot be reached does not shut everybody out at once.
    private static let usableSeconds: Int64 = 86_400
    /// Between two attempts because of a key that nobody knows, and because there are no keys at all.
    private static let unknownKeySeconds: Int64 = 60
    private static let failureSeconds: Int64 = 10
    private static let waitingMax = 1000
    private static let bytesMax = 256 * 1024

    private let fetch: GatewayServices.Fetcher
    private let now: @Sendable () -> Int64
    private let entries = Mutex<[KeySource: Entry]>([:])
    /// Is told that keys have changed.
    private let changed: @Sendable () -> Void

    init(
        fetch: @escaping GatewayServices.Fetcher, nowSeconds: @escaping @Sendable () -> Int64,
        changed: @escaping @Sendable () -> Void
    ) {
        (self.fetch, now, self.changed) = (fetch, nowSeconds, changed)
    }

    /// The keys as they are known. Where that was too long ago they are asked for anew meanwhile.
    func known(_ source: KeySource) -> KeySet? {
        let now = now()
        let (set, isOld) = entries.withLock { entries -> (KeySet?, Bool) in
            guard let entry = entries[source], let set = entry.set else { return (nil, false) }
            let age = now - entry.fetchedSeconds
            if age >= Self.usableSeconds { return (nil, false) }
            let mayAsk = !entry.isFetching && entry.attemptSeconds.map { now - $0 >= Self.unknownKeySeconds } ?? true
            return (set, age >= Self.freshSeconds && mayAsk)
        }
        if isOld { _ = refresh(source) {} }
        return set
    }

    /// Asks for the keys, unless that was done a moment ago.
    /// - Returns: whether it is done; then the closure is called when it was, from any thread.
    func refresh(_ source: KeySource, then: @escaping @Sendable () -> Void) -> Bool {
        let now = now()
        let (isTaken, begins) = entries.withLock { entries -> (Bool, Bool) in
            var entry = entries[source] ?? Entry()
            defer { entries[source] = entry }
            let pause = entry.set == nil ? Self.failureSeconds : Self.unknownKeySeconds
            if !entry.isFetching, let attempt = entry.attemptSeconds, now - attempt < pause { return (false, false) }
            guard entry.waiting.count < Self.waitingMax else { return (false, false) }
            entry.waiting.append(then)
            if entry.isFetching { return (true, false) }
            (entry.isFetching, entry.attemptSeconds) = (true, now)
            return (true, true)
        }
        if begins {
            switch source {
            case .keySet(let url): get(url) { self.take($0, issuer: nil, of: source) }
            case .openID(let url): get(url) { self.takeDescription($0, of: source) }
            }
        }
        return isTaken
    }

    private func get(_ url: String, _ then: @escaping @Sendable ([UInt8]?) -> Void) {
        var request = HTTPClientRequest(.get, url, headers: [("Accept", "application/json")])
        request.timeoutMilliseconds = 10_000
        request.responseBytesMax = Self.bytesMax
        fetch(request) { result in
            guard case .success(let answer) = result, answer.status == 200 else { return then(nil) }
            then(answer.body)
        }
    }

    private func takeDescription(_ text: [UInt8]?, of source: KeySource) {
        guard let text, let json = try? JSONValue(parsing: text), let issuer = json["issuer"]?.string,
            let url = json["jwks_uri"]?.string, KeySource.isURL(url)
        else { return take(nil, issuer: nil, of: source) }
        get(url) { self.take($0, issuer: issuer, of: source) }
    }

    private func take(_ text: [UInt8]?, issuer: String?, of source: KeySource) {
        let set = text.flatMap { JSONWebKeySet($0, taking: [.rs256, .es256]) }
        let now = now()
        let (waiting, hasChanged) = entries.withLock { entries in
            var entry = entries[source] ?? Entry()
            defer { entries[source] = entry }
            let waiting = entry.waiting
            (entry.isFetching, entry.waiting) = (false, [])
            guard let text, let set else { return (waiting, false) }
            let hasChanged = entry.set != nil && entry.text != text
            (entry.set, entry.text, entry.fetchedSeconds) = (KeySet(keys: set.keys, issuer: issuer), text, now)
            return (waiting, hasChanged)
        }
        // What a key was good for that is published no more must be checked again.
        if hasChanged { changed() }
        for then in waiting { then() }
    }
}
