/// `cache-store`: keeps answers for `cache-lookup`, so many seconds at most. Those of containers are not given again
/// once their partition key was written to.
struct CacheStore: Sendable {
    private let seconds: Int

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        seconds = try reader.requiredInteger("seconds", in: 1...86_400)
    }

    func apply(to call: inout GatewayCall) -> PolicyOutcome {
        // Of several the shortest time holds.
        call.cacheSeconds = min(seconds, call.cacheSeconds ?? .max)
        return .goOn
    }
}
