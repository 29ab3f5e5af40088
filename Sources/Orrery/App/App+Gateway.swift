internal import OrreryDocuments
internal import Synchronization

extension App {
    /// Gives the gateway APIs, products and settings to begin with: when the app starts they are made, or changed to
    /// what is said here; those that nothing is said of stay as they are. Their form is that of `Docs/Gateway.md`.
    ///
    /// ```swift
    /// app.configureGateway(#"""
    ///     {"apis": [{"id": "loads", "path": "/loads", "resource": {"container": "freight/loads",
    ///                "partitionKey": ["{request.querystring.lane}"]}}],
    ///      "products": [{"id": "carrier", "apis": ["loads"]}]}
    ///     """#)
    /// ```
    /// - Parameter json: an object with the lists `apis` and `products`, and with `settings`. What is wrong with it is
    ///   said when the app is to run.
    public func configureGateway(_ json: String) {
        registration.withLock { registration in
            do throws(JSONError) {
                registration.gateway.append(try JSONValue(parsing: json))
            } catch {
                registration.failure = registration.failure
                    ?? .invalid("The gateway's configuration is not JSON: \(error).")
            }
        }
    }
}
