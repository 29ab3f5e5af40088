/// How a client connects.
public struct HTTPClientConfiguration: Sendable {
    /// Which addresses it may connect to.
    public var addressPolicy = HTTPAddressPolicy()
    /// Connections to one host and port; further requests wait for one.
    public var connectionsPerHostMax = 16
    /// Connections to all hosts.
    public var connectionsMax = 512
    /// Requests on their way, those that wait for a connection too; more fail at once.
    public var requestsMax = 10_000
    /// How long a connection may take to be made.
    public var connectTimeoutMilliseconds = 10_000
    /// The path of a file with the certificates to trust in place of the system's, in PEM.
    public var trustedCertificatesPath: String?

    /// The defaults: public addresses alone.
    public init() {}
}
