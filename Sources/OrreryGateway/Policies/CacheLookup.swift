import OrreryCrypto
import OrreryHTTP

/// `cache-lookup`: answers a call as one like it was answered before, where `cache-store` has kept that. Calls are
/// alike that are for the same operation, path and query, from the same caller.
final class CacheLookup: Sendable {
    private let headers: [String]
    /// The fields of the query that count; nil for all of them.
    private let queryNames: [String]?
    private let allowsAuthorization: Bool
    private let isShared: Bool

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        headers = try reader.texts("varyByHeaders")
        queryNames = reader.value("varyByQuery") == nil ? nil : try reader.texts("varyByQuery")
        allowsAuthorization = try reader.flag("allowAuthorization") ?? false
        isShared = try reader.flag("shared") ?? false
    }

    func apply(to call: inout GatewayCall, _ services: PolicyServices) -> PolicyOutcome {
        guard call.request.method == .get, isCacheable(call) else { return .goOn }
        let key = key(of: call)
        if let answer = services.cache.answer(key, at: services.nowNanoseconds) {
            call.keptAnswer = answer
        } else {
            call.cacheTicket = Self.ticket(key, call, services.cache)
        }
        return .goOn
    }

    /// What the answer is kept with; nil where it cannot be.
    private static func ticket(_ key: AnswerCache.Key, _ call: GatewayCall, _ cache: GatewayCache) -> CacheTicket? {
        guard case .container(let backend) = call.operation.backend else { return CacheTicket(key: key, source: nil) }
        // Before the container is asked: what is written meanwhile makes the answer an old one.
        guard let recency = cache.recency(of: backend.database, backend.container), let sequence = recency.sequence()
        else { return nil }
        let values = backend.partitionKey.map { $0.text(for: call) }
        let containerKey = values.isEmpty || values.contains("") ? nil : recency.name(ofKey: values)
        return CacheTicket(key: key, source: .init(recency: recency, key: containerKey, sequence: sequence))
    }

    private func isCacheable(_ call: GatewayCall) -> Bool {
        // A body is passed on, and the answer may depend on it.
        guard !call.hasBody, call.headers.first("range") == nil, call.headers.first("if-match") == nil
        else { return false }
        return allowsAuthorization || !showsCredentials(call)
    }

    /// Whether the call shows who sends it, who may be answered what others must not see.
    private func showsCredentials(_ call: GatewayCall) -> Bool {
        if call.claims != nil || call.headers.first("authorization") != nil { return true }
        return call.headers.first("cookie") != nil && !headers.contains { CallHeaders.areEqual($0, "cookie") }
    }

    private func key(of call: GatewayCall) -> AnswerCache.Key {
        var key = CacheKeyWriter()
        key.append(call.api.documentID)
        key.append(call.operation.id)
        key.append(call.rewrittenPath.map { Array($0.utf8)[...] } ?? call.request.rawPath)
        var fields = call.query.fields.filter { $0.name != call.api.keyQuery }
        // What a container is asked stands in the query: its filters and where a list goes on.
        if case .container(let backend) = call.operation.backend {
            key.append(backend.id.text(for: call))
            for part in backend.partitionKey { key.append(part.text(for: call)) }
        } else if let queryNames {
            fields.removeAll { !queryNames.contains($0.name) }
        }
        key.append(String(fields.count))
        for field in fields {
            key.append(field.name)
            key.append(field.value)
        }
        for name in headers { key.append(values: call.headers.values(name)) }
        if !isShared {
            key.append(call.subscription?.id)
            key.append(call.product?.id)
            key.append(call.tenant)
            func digest(of name: String) -> Digest? {
                let values = call.headers.values(name)
                guard !values.isEmpty else { return nil }
                var text = CacheKeyWriter()
                text.append(values: values)
                return SHA256.digest(of: text.bytes)
            }
            for credential in [call.tokenDigest ?? digest(of: "authorization"), digest(of: "cookie")] {
                key.append(credential?.bytes ?? [])
            }
        }
        return AnswerCache.Key(key.bytes)
    }

    /// The answer to a caller that may have it already (RFC 9110, section 13.1.2).
    static func conditional(_ answer: HTTPResponse, _ call: GatewayCall) -> HTTPResponse {
        guard let wanted = call.headers.first("if-none-match"), let tag = answer.headers["etag"],
            answer.status == 200
        else { return answer }
        func strong(_ tag: some StringProtocol) -> String {
            let bare = String(tag.filter { $0 != " " })
            return bare.hasPrefix("W/") ? String(bare.dropFirst(2)) : bare
        }
        guard wanted.split(separator: ",").contains(where: { strong($0) == "*" || strong($0) == strong(tag) }) else {
            return answer
        }
        var unchanged = HTTPResponse(status: 304)
        unchanged.headers.append("ETag", tag)
        return unchanged
    }
}
