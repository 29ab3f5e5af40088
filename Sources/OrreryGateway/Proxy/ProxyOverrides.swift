import OrreryDocuments
import OrreryHTTP

/// What a proxy changes of requests and answers, in the gateway's own words.
struct ProxyOverrides {
    let route: ProxyRoute
    let place: String

    /// The server of a `backendUri`, and the policies that make its path and query.
    func backend(_ address: String) throws(ConfigurationError) -> (url: String, policies: [JSONValue]) {
        guard let scheme = ["http://", "https://"].first(where: { address.lowercased().hasPrefix($0) }) else {
            throw ConfigurationError("\(place): backendUri must begin with http:// or https://")
        }
        let rest = address.dropFirst(scheme.count)
        let hostEnd = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let host = String(rest[..<hostEnd])
        guard !host.contains("{"), !host.isEmpty else {
            // Callers would choose the servers that this one asks.
            throw ConfigurationError("\(place): the server of backendUri cannot be taken from the request")
        }
        let parts = rest[hostEnd...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? ""
        var policies: [JSONValue] = [
            ["policy": "rewrite-uri", "template": .string(try value(path.isEmpty ? "/" : path, isEncoded: true))]
        ]
        for field in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            policies.append([
                "policy": "set-query", "name": .string(pair[0]),
                "value": .string(try value(pair.count > 1 ? pair[1] : "", isEncoded: true)),
            ])
        }
        return (scheme + (try value(host)), policies)
    }

    /// `backend.request.method`, `backend.request.querystring.NAME`, `backend.request.headers.NAME`.
    func request(_ overrides: JSONValue?) throws(ConfigurationError) -> [JSONValue] {
        var policies: [JSONValue] = []
        for member in overrides?.members ?? [] {
            guard let text = member.value.string else {
                throw ConfigurationError("\(place): '\(member.name)' must be a text")
            }
            let action: JSONValue = text.isEmpty ? "delete" : "override"
            if member.name == "backend.request.method" {
                policies.append(["policy": "set-method", "method": .string(text.uppercased())])
            } else if let name = Self.name(member.name, "backend.request.headers.") {
                policies.append([
                    "policy": "set-header", "name": .string(name), "action": action, "value": .string(try value(text)),
                ])
            } else if let name = Self.name(member.name, "backend.request.querystring.") {
                policies.append([
                    "policy": "set-query", "name": .string(name), "action": action, "value": .string(try value(text)),
                ])
            } else {
                throw ConfigurationError("\(place), requestOverrides: there is no '\(member.name)'")
            }
        }
        return policies
    }

    /// `response.statusCode`, `response.statusReason`, `response.headers.NAME`, `response.body`; nil for none.
    func response(
        _ overrides: JSONValue?, _ warnings: inout [String]
    ) throws(ConfigurationError) -> JSONValue? {
        guard let members = overrides?.members, !members.isEmpty else { return nil }
        var response: JSONValue = [:]
        var headers: [JSONMember] = []
        for member in members {
            if member.name == "response.body" {
                response["body"] = try body(member.value)
                continue
            }
            guard let text = member.value.string ?? member.value.int64.map({ "\($0)" }) else {
                throw ConfigurationError("\(place): '\(member.name)' must be a text")
            }
            if member.name == "response.statusCode" {
                response["status"] = .string(try value(text, isOfAnswer: true))
            } else if member.name == "response.statusReason" {
                warnings.append("\(place): the reason of a status is the standard's and cannot be changed")
            } else if let name = Self.name(member.name, "response.headers.") {
                headers.append(JSONMember(name, .string(try value(text, isOfAnswer: true))))
            } else {
                throw ConfigurationError("\(place), responseOverrides: there is no '\(member.name)'")
            }
        }
        if !headers.isEmpty { response["headers"] = .object(headers) }
        return response
    }

    private func body(_ json: JSONValue) throws(ConfigurationError) -> JSONValue {
        switch json {
        case .string(let text): return .string(try value(text, isOfAnswer: true))
        case .array(let elements):
            var parts: [JSONValue] = []
            for element in elements { parts.append(try body(element)) }
            return .array(parts)
        case .object(let members):
            var parts: [JSONMember] = []
            for member in members { parts.append(JSONMember(member.name, try body(member.value))) }
            return .object(parts)
        default: return json
        }
    }

    private static func name(_ text: String, _ prefix: String) -> String? {
        text.hasPrefix(prefix) && text.utf8.count > prefix.utf8.count ? String(text.dropFirst(prefix.count)) : nil
    }

    // MARK: Values

    /// A value in the gateway's words: settings and names of the route by the gateway's names for them. A backslash
    /// takes its meaning from the brace or the percent sign behind it.
    /// - Parameter isEncoded: whether it stands in a URL, so that what is text in it is percent-encoded.
    func value(
        _ text: String, isOfAnswer: Bool = false, isEncoded: Bool = false
    ) throws(ConfigurationError) -> String {
        var value = ""
        var plain = ""
        func flush() {
            let bytes = Array(plain.utf8)
            let decoded = isEncoded ? (try? PercentEncoding.bytes(bytes)) ?? bytes : bytes
            value += String(decoding: decoded, as: UTF8.self).replacing("{", with: "{{").replacing("}", with: "}}")
            plain = ""
        }
        var rest = text[...]
        while let first = rest.first {
            rest = rest.dropFirst()
            if first == "\\", let next = rest.first, "{}%\\".contains(next) {
                plain.append(next)
                rest = rest.dropFirst()
            } else if first == "%", let end = rest.firstIndex(of: "%"), Self.isSetting(rest[..<end]) {
                flush()
                value += "{env.\(rest[..<end])}"
                rest = rest[rest.index(after: end)...]
            } else if first == "{", rest.first == "{" {
                plain.append("{")
                rest = rest.dropFirst()
            } else if first == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    throw ConfigurationError("\(place): a brace of '\(text)' is not closed")
                }
                flush()
                value += try named(String(rest[..<end]), isOfAnswer)
                rest = rest[rest.index(after: end)...]
            } else if first == "}", rest.first == "}" {
                plain.append("}")
                rest = rest.dropFirst()
            } else {
                plain.append(first)
            }
        }
        flush()
        return value
    }

    /// Two hexadecimal digits between percent signs belong to what is percent-encoded.
    private static func isSetting(_ name: Substring) -> Bool {
        SettingReferences.isName(name) && !(name.utf8.count == 2 && name.allSatisfy(\.isHexDigit))
    }

    private func named(_ name: String, _ isOfAnswer: Bool) throws(ConfigurationError) -> String {
        if route.names.contains(name) { return "{path.\(name)}" }
        let isKnown = name == "request.method" || name.hasPrefix("request.headers.")
            || name.hasPrefix("request.querystring.")
            || (isOfAnswer && (name == "backend.response.statusCode" || name.hasPrefix("backend.response.headers.")))
        guard isKnown else { throw ConfigurationError("\(place): '{\(name)}' stands for nothing") }
        return "{\(name)}"
    }
}
