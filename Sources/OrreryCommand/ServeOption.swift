/// The options of `orrery serve`, in the order in which the help lists them.
enum ServeOption: String, CaseIterable {
    case data
    case ephemeral
    case host
    case port
    case key
    case keyFile = "key-file"
    case disableKeyAuth = "disable-key-auth"
    case issuer
    case audience
    case issuerKeys = "issuer-keys"
    case durability
    case tlsCertificate = "tls-certificate"
    case tlsKey = "tls-key"
    case tlsSelfSigned = "tls-self-signed"
    case heldHistoryBytes = "held-history-bytes"
    case advertise
    case events
    case gateway
    case webhookNetworks = "webhook-networks"
    case enforceThroughput = "enforce-throughput"
    case logLevel = "log-level"

    /// The option of an argument such as `--port`.
    init?(argument: String) {
        guard argument.hasPrefix("--") else { return nil }
        self.init(rawValue: String(argument.dropFirst(2)))
    }

    /// Whether the option stands alone, without a value.
    var isFlag: Bool {
        self == .ephemeral || self == .tlsSelfSigned || self == .enforceThroughput || self == .disableKeyAuth
    }

    /// The variable that says the same: `ORRERY_KEY_FILE` for `--key-file`.
    var environmentName: String {
        "ORRERY_" + rawValue.uppercased().split(separator: "-").joined(separator: "_")
    }

    private var placeholder: String {
        switch self {
        case .data: "DIR"
        case .host: "ADDRESS"
        case .port, .heldHistoryBytes: "N"
        case .key: "KEY"
        case .keyFile, .tlsCertificate, .tlsKey, .issuerKeys, .events, .gateway: "FILE"
        case .audience: "TEXT"
        case .webhookNetworks: "LIST"
        case .durability: "strict|relaxed"
        case .advertise, .issuer: "URL"
        case .logLevel: "LEVEL"
        case .ephemeral, .tlsSelfSigned, .enforceThroughput, .disableKeyAuth: ""
        }
    }

    private var meaning: String {
        switch self {
        case .data: "where the data is kept (default ./data; made if missing)"
        case .ephemeral: "keep nothing: data is gone when the server stops"
        case .host: "the address to listen on (default 127.0.0.1)"
        case .port: "the port to listen on (default 8081; 0 for any free one)"
        case .key: "the account's primary key in base64 (default: the public key of the emulators)"
        case .keyFile: "a file that holds the account's primary key"
        case .disableKeyAuth: "refuse keys: only tokens of the issuer get in"
        case .issuer: "believe the RS256 tokens of this identity provider, for what roles allow"
        case .audience: "whom the issuer's tokens must be meant for"
        case .issuerKeys: "the issuer's public keys as a JSON Web Key Set; read again when it changes"
        case .durability: "whether a write is on disk before it is answered (default strict)"
        case .tlsCertificate: "serve https with this PEM certificate"
        case .tlsKey: "the PEM key of the certificate: a file, or env:NAME or credential:NAME"
        case .tlsSelfSigned: "serve https with a certificate made at start"
        case .heldHistoryBytes: "log bytes a partition keeps for handlers that are behind (default 10 GiB)"
        case .advertise: "the URL clients are told to use (default: the one they used)"
        case .events: "topics and subscriptions to make, in JSON (Docs/Events.md)"
        case .gateway: "APIs, products and settings of the gateway, in JSON (Docs/Gateway.md)"
        case .webhookNetworks: "loopback, private, link-local: what webhooks may reach beside public addresses "
            + "(default: loopback with the emulators' key, else none)"
        case .enforceThroughput: "answer 429 to requests beyond a container's request units per second"
        case .logLevel: "error, warning, info or debug (default info)"
        }
    }

    /// The help's lines about all options.
    static var help: String {
        let names = allCases.map { "--\($0.rawValue) \($0.placeholder)" }
        let width = names.map(\.count).max() ?? 0
        return zip(allCases, names).map { option, name in
            "  \(name)\(String(repeating: " ", count: width - name.count))  \(option.meaning)"
        }.joined(separator: "\n")
    }
}
