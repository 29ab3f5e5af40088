import OrreryTelemetry

/// What `orrery serve` was asked to do, from its arguments and the environment. Pure: reads no file and opens nothing.
struct ServeOptions: Equatable {
    /// Whether an acknowledged write has reached the disk.
    enum Durability: String {
        case strict, relaxed
    }

    /// Where the server's certificate comes from.
    enum TLS: Equatable {
        case off
        case files(certificate: String, key: String)
        case selfSigned
    }

    /// A kind of addresses that strangers are not to have the server call.
    enum WebhookNetwork: String {
        case loopback
        case privateNetwork = "private"
        case linkLocal = "link-local"
    }

    /// Where the account's key comes from.
    enum Key: Equatable {
        /// The key that everybody knows; only good on one's own machine.
        case published
        case secret(SecretReference)
    }

    /// The identity provider whose tokens are believed.
    struct Issuer: Equatable {
        let issuer: String
        let audience: String
        let keysPath: String
    }

    static let defaultDataDirectory = "./data"

    var dataDirectory = defaultDataDirectory
    var isEphemeral = false
    var host = "127.0.0.1"
    var port: UInt16 = 8081
    var key = Key.published
    var issuer: Issuer?
    var refusesKeys = false
    var durability = Durability.strict
    /// Log bytes of a partition that handlers may hold from trimming; nil for the engine's own number.
    var heldHistoryBytesMax: Int?
    var tls = TLS.off
    var advertisedEndpoint: String?
    var enforcesThroughput = false
    /// The file of topics and subscriptions.
    var eventsPath: String?
    /// The file of the gateway's APIs, products and settings.
    var gatewayPath: String?
    /// Which addresses webhooks may be sent to beside public ones.
    var webhookNetworks: Set<WebhookNetwork> = []
    var logLevel = LogLevel.info

    /// Reads arguments; what they do not say, the environment may.
    /// - Parameters:
    ///   - arguments: everything after `serve`.
    ///   - environment: the variables by name; only those that start with `ORRERY_` are looked at.
    /// - Throws: `UsageError` with one line for the user.
    init(arguments: [String], environment: [String: String]) throws(UsageError) {
        var given = try Self.given(arguments)
        for option in ServeOption.allCases {
            if given[option] == nil, let value = environment[option.environmentName], !value.isEmpty {
                if option.isFlag, !["1", "true", "yes", "0", "false", "no"].contains(value.lowercased()) {
                    throw UsageError("\(option.environmentName) must be true or false, not '\(value)'")
                }
                if option.isFlag, ["0", "false", "no"].contains(value.lowercased()) { continue }
                given[option] = value
            }
        }
        if let value = given[.data] { dataDirectory = value }
        isEphemeral = given[.ephemeral] != nil
        enforcesThroughput = given[.enforceThroughput] != nil
        eventsPath = given[.events]
        gatewayPath = given[.gateway]
        if let value = given[.host] { host = value }
        if let value = given[.port] {
            guard let number = UInt16(value) else {
                throw UsageError("--port must be a number from 0 to 65535, not '\(value)'")
            }
            port = number
        }
        key = try Self.key(given)
        issuer = try Self.issuer(given)
        refusesKeys = given[.disableKeyAuth] != nil
        if refusesKeys, issuer == nil {
            throw UsageError("--disable-key-auth leaves no way in without --issuer, --audience and --issuer-keys")
        }
        tls = try Self.tls(given)
        if let value = given[.durability] {
            guard let durability = Durability(rawValue: value) else {
                throw UsageError("--durability must be strict or relaxed, not '\(value)'")
            }
            self.durability = durability
        }
        if let value = given[.heldHistoryBytes] {
            guard let number = Int(value), number >= 0 else {
                throw UsageError("--held-history-bytes must be a number of bytes, not '\(value)'")
            }
            heldHistoryBytesMax = number
        }
        if let value = given[.advertise] {
            guard value.hasPrefix("http://") || value.hasPrefix("https://") else {
                throw UsageError("--advertise must be a URL that starts with http:// or https://, not '\(value)'")
            }
            advertisedEndpoint = value
        }
        if let value = given[.logLevel] {
            guard let level = LogLevel(rawValue: value) else {
                throw UsageError("--log-level must be error, warning, info or debug, not '\(value)'")
            }
            logLevel = level
        }
        webhookNetworks = try Self.webhookNetworks(given) ?? (key == .published ? [.loopback] : [])
        guard isLoopback || refusesKeys || key != .published else {
            throw UsageError("--host \(host) can be reached from other machines, which needs a key of your own: "
                + "add --key or --key-file")
        }
    }

    /// Whether only this machine can reach the host that the server listens on.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        // A name may begin so, too, and lead anywhere.
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func given(_ arguments: [String]) throws(UsageError) -> [ServeOption: String] {
        var given: [ServeOption: String] = [:]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first, let option = ServeOption(argument: String(name)) else {
                throw UsageError("unknown option '\(argument)'; see orrery serve --help")
            }
            if given[option] != nil { throw UsageError("\(name) is given twice") }
            if option.isFlag {
                guard parts.count == 1 else { throw UsageError("\(name) takes no value") }
                given[option] = "true"
            } else {
                guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty else {
                    throw UsageError("\(name) needs a value")
                }
                given[option] = value
            }
        }
        return given
    }

    private static func webhookNetworks(
        _ given: [ServeOption: String]
    ) throws(UsageError) -> Set<WebhookNetwork>? {
        guard let list = given[.webhookNetworks] else { return nil }
        var networks: Set<WebhookNetwork> = []
        for name in list.split(separator: ",") where name != "none" {
            guard let network = WebhookNetwork(rawValue: String(name)) else {
                throw UsageError("--webhook-networks takes loopback, private, link-local or none, not '\(name)'")
            }
            networks.insert(network)
        }
        return networks
    }

    private static func key(_ given: [ServeOption: String]) throws(UsageError) -> Key {
        switch (given[.key], given[.keyFile]) {
        case (nil, nil): return .published
        case (let text?, nil): return .secret(SecretReference(text))
        case (nil, let path?): return .secret(.file(path))
        default: throw UsageError("--key and --key-file exclude each other")
        }
    }

    private static func issuer(_ given: [ServeOption: String]) throws(UsageError) -> Issuer? {
        switch (given[.issuer], given[.audience], given[.issuerKeys]) {
        case (nil, nil, nil): return nil
        case (let issuer?, let audience?, let keysPath?):
            return Issuer(issuer: issuer, audience: audience, keysPath: keysPath)
        default: throw UsageError("--issuer, --audience and --issuer-keys belong together")
        }
    }

    private static func tls(_ given: [ServeOption: String]) throws(UsageError) -> TLS {
        let isSelfSigned = given[.tlsSelfSigned] != nil
        switch (given[.tlsCertificate], given[.tlsKey]) {
        case (nil, nil): return isSelfSigned ? .selfSigned : .off
        case (let certificate?, let key?):
            if isSelfSigned { throw UsageError("--tls-self-signed and --tls-certificate exclude each other") }
            return .files(certificate: certificate, key: key)
        default: throw UsageError("--tls-certificate and --tls-key belong together")
        }
    }
}
