internal import OrreryDocuments

/// A text of a binding in which parts in braces stand for what a handler is called for has at a path: `order-{id}`,
/// `{address.city}`.
struct BindingTemplate: Sendable {
    enum Part: Sendable, Equatable {
        case text(String)
        /// The names of members, from the outside in.
        case path([String])
    }

    let parts: [Part]

    /// - Returns: nil for braces that do not match, or that hold no path.
    init?(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            let before = rest[..<open]
            guard !before.contains("}"), let close = rest[open...].firstIndex(of: "}") else { return nil }
            let path = rest[rest.index(after: open)..<close].split(separator: ".", omittingEmptySubsequences: false)
            guard !path.contains(where: { $0.isEmpty || $0.contains("{") }) else { return nil }
            if !before.isEmpty { parts.append(.text(String(before))) }
            parts.append(.path(path.map { String($0) }))
            rest = rest[rest.index(after: close)...]
        }
        if rest.contains("}") { return nil }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    /// The value: of a part that stands alone what is there, else a text of all parts; nil where something is missing.
    func value(in data: JSONValue) -> JSONValue? {
        if parts.count == 1, case .path(let path) = parts[0] { return Self.find(path, in: data) }
        var text = ""
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .path(let path):
                guard let value = Self.find(path, in: data) else { return nil }
                text += value.string ?? String(decoding: value.text, as: UTF8.self)
            }
        }
        return .string(text)
    }

    static func find(_ path: [String], in data: JSONValue) -> JSONValue? {
        path.reduce(Optional(data)) { value, name in value?[name] }
    }
}
