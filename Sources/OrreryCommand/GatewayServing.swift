import Orrery

/// The gateway in front of the database: in every server, at no cost until the first API is made.
enum GatewayServing {
    /// Has the gateway hold to the configuration that the options name, where they name one.
    /// - Throws: `UsageError` with one line for the user.
    static func configure(_ gateway: GatewayHost, _ options: ServeOptions) throws(UsageError) {
        guard let path = options.gatewayPath else { return }
        let text = try TextFile.content(path, what: "configuration of the gateway")
        do throws(StoreError) {
            try StartTask.wait { () async throws(StoreError) in try await gateway.apply(text) }
        } catch {
            let reason = switch error {
            case .invalid(let message), .unavailable(let message): message
            default: "\(error)"
            }
            throw UsageError("the configuration of the gateway \(path): \(reason)")
        }
    }
}
