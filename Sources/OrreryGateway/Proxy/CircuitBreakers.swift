import Synchronization

/// The circuit breakers of all servers behind the gateway. Operations that name the same server with the same settings
/// share one.
final class CircuitBreakers: Sendable {
    private let breakers = Mutex<[Circuit: CircuitBreaker]>([:])

    func admit(_ circuit: Circuit, at now: UInt64) -> CircuitBreaker.Admission {
        breakers.withLock { $0[circuit, default: CircuitBreaker(circuit.settings)].admit(at: now) }
    }

    func record(
        _ result: CircuitBreaker.Result, _ circuit: Circuit, isTrial: Bool, at now: UInt64
    ) -> CircuitBreaker.Change? {
        breakers.withLock {
            $0[circuit, default: CircuitBreaker(circuit.settings)].record(result, isTrial: isTrial, at: now)
        }
    }

    /// How many servers are left alone at the moment.
    var openCount: Int { breakers.withLock { $0.values.count { !$0.isClosed } } }
}

/// What a back end has a circuit breaker for: `{"failures":5,"intervalSeconds":60,"tripSeconds":30,
/// "statuses":["500-599"],"acceptRetryAfter":true}`.
struct Circuit: Sendable, Hashable {
    /// The server's URL.
    let name: String
    let settings: CircuitBreaker.Settings

    init(_ reader: inout ConfigurationReader, of name: String) throws(ConfigurationError) {
        self.name = name
        settings = CircuitBreaker.Settings(
            failuresMax: try reader.integer("failures", in: 1...1000) ?? 5,
            intervalNanoseconds: UInt64(try reader.integer("intervalSeconds", in: 1...3600) ?? 60) * 1_000_000_000,
            tripNanoseconds: UInt64(try reader.integer("tripSeconds", in: 1...3600) ?? 30) * 1_000_000_000,
            acceptsRetryAfter: try reader.flag("acceptRetryAfter") ?? true)
    }
}
