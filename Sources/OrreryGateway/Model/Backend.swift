import OrreryDocuments

/// What answers an operation.
enum Backend: Sendable {
    /// A function of the program, by the name under which it was registered: `{"handler":"quote"}`.
    case handler(String)
    /// A container's items: `{"container":"shop/loads","do":"read",…}`.
    case container(ContainerBackend)
    /// A server behind the gateway: `{"url":"http://10.0.0.5:9000"}`.
    case proxy(ProxyBackend)
    /// Nothing yet: a policy mocks it, or the answer is 501.
    case none

    init(_ json: JSONValue?, at place: String) throws(ConfigurationError) {
        guard let json else {
            self = .none
            return
        }
        var reader = try ConfigurationReader(json, at: place)
        if let name = try reader.text("handler") {
            try reader.finish()
            self = .handler(name)
        } else if reader.value("url") != nil {
            self = .proxy(try ProxyBackend(&reader))
            try reader.finish()
        } else {
            self = .container(try ContainerBackend(&reader))
            try reader.finish()
        }
    }
}
