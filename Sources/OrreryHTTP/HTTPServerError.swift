/// Why a server did not start.
public enum HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The host is not an address of this machine and no name that resolves to one.
    case badHost(String)
    /// Another process listens there.
    case addressInUse(host: String, port: UInt16)
    /// The process may not listen there (a port under 1024, for instance).
    case notPermitted(host: String, port: UInt16)
    /// The certificate or its key is not PEM that fits together.
    case badCertificate
    /// A system call failed otherwise.
    case system(call: String, code: Int32, message: String)

    public var description: String {
        switch self {
        case .badHost(let host): "cannot listen on \(host): not an address of this machine"
        case .addressInUse(let host, let port): "cannot listen on \(host) port \(port): the address is in use"
        case .notPermitted(let host, let port): "cannot listen on \(host) port \(port): not permitted"
        case .badCertificate: "the TLS certificate or its key cannot be used"
        case .system(let call, _, let message): "\(call) failed: \(message)"
        }
    }
}
