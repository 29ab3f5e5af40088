import Dispatch
import Orrery
import Synchronization

/// The gateway in front of the database: in every server, at no cost until the first API is made.
enum GatewayServing {
    /// Has the gateway hold to the configuration that the options name, where they name one.
    /// - Throws: `UsageError` with one line for the user.
    static func configure(_ gateway: GatewayHost, _ options: ServeOptions) throws(UsageError) {
        guard let path = options.gatewayPath else { return }
        let text = try TextFile.content(path, what: "configuration of the gateway")
        do throws(StoreError) {
            try apply(text, to: gateway)
        } catch {
            let reason = switch error {
            case .invalid(let message), .unavailable(let message): message
            default: "\(error)"
            }
            throw UsageError("the configuration of the gateway \(path): \(reason)")
        }
    }

    /// Waits on this thread: nothing is served before the configuration holds.
    private static func apply(_ text: String, to gateway: GatewayHost) throws(StoreError) {
        let done = DispatchSemaphore(value: 0)
        let failure = Mutex<StoreError?>(nil)
        Task {
            do throws(StoreError) {
                try await gateway.apply(text)
            } catch {
                failure.withLock { $0 = error }
            }
            done.signal()
        }
        done.wait()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}
