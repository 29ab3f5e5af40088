import OrreryHTTP

/// `request-units`: how many request units a tenant, or whoever a key stands for, may have of containers in so many
/// seconds. What a call took is known when the container has answered (`x-ms-request-charge`), so it is counted then;
/// while it is under way, what the last call of the operation took is set aside for it.
final class RequestUnits: Sendable {
    private let place: String
    private let units: Int
    private let windowSeconds: Int
    /// Nil for the tenant, or the address of a caller without.
    private let key: ValueTemplate?

    init(_ reader: inout ConfigurationReader, _ place: String) throws(ConfigurationError) {
        self.place = place
        units = try reader.requiredInteger("units", in: 1...1_000_000_000)
        windowSeconds = try reader.integer("seconds", in: 1...86_400) ?? 1
        key = try reader.text("key").map { text throws(ConfigurationError) in try ValueTemplate(text, at: place) }
    }

    /// For those who are held to it.
    var summary: String {
        "\(units) request units " + (windowSeconds == 1 ? "a second" : "in \(windowSeconds) s")
    }

    func apply(to call: inout GatewayCall, _ services: PolicyServices) -> PolicyOutcome {
        let limit = UnitBudgets.Limit(
            policy: place, tenant: key?.text(for: call) ?? call.tenantName, units: units, windowSeconds: windowSeconds)
        switch services.gateway.budgets.admit(limit, operation: call.route.name) {
        case .refused(let seconds): return .answer(GatewayAnswer.unitsUsedUp(retryAfterSeconds: seconds))
        case .admitted(let reservation):
            call.reservations.append(reservation)
            return .goOnUntil { _ in reservation.release() }
        }
    }
}
