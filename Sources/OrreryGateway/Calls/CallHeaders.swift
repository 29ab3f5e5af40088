import OrreryHTTP

/// What a policy does to a field of a header or of a query.
struct FieldChange: Sendable, Equatable {
    enum Action: String, Sendable, CaseIterable {
        /// Set, whether it is there or not; set where it is not; add another; take away.
        case override, skip, append, delete
    }

    let name: String
    let action: Action
    let value: String
}

/// A request's header fields, and what policies changed of them. Nothing is copied until something is.
struct CallHeaders: Sendable {
    private let original: HTTPHeaders
    private var changed: [(name: String, value: String)]?

    init(_ original: HTTPHeaders) {
        self.original = original
    }

    var isChanged: Bool { changed != nil }

    /// The first value of a name, in any case.
    func first(_ name: String) -> String? {
        guard let changed else { return original.first(named: name) }
        return changed.first { Self.areEqual($0.name, name) }?.value
    }

    mutating func apply(_ change: FieldChange) {
        // Held by nobody else meanwhile, so that it is changed in place.
        var fields = changed.take() ?? original.all
        Self.apply(change, to: &fields)
        changed = fields
    }

    var fields: HTTPHeaders { changed.map { HTTPHeaders($0) } ?? original }

    static func apply(_ change: FieldChange, to fields: inout [(name: String, value: String)]) {
        let isThere = fields.contains { areEqual($0.name, change.name) }
        switch change.action {
        case .skip where isThere: return
        case .override, .delete: fields.removeAll { areEqual($0.name, change.name) }
        case .skip, .append: break
        }
        if change.action != .delete { fields.append((change.name, change.value)) }
    }

    static func apply(_ change: FieldChange, to headers: inout HTTPResponseHeaders) {
        let isThere = headers[change.name] != nil
        switch change.action {
        case .skip where isThere, .delete where !isThere: return
        case .override where isThere, .delete:
            // What stands in a buffer is made anew without it.
            var fields = headers.all
            apply(change, to: &fields)
            headers = HTTPResponseHeaders()
            for field in fields { headers.append(dynamicName: field.name, field.value) }
        case .override, .skip, .append: headers.append(dynamicName: change.name, change.value)
        }
    }

    static func areEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        var others = right.utf8.makeIterator()
        for byte in left.utf8 {
            guard let other = others.next(), byte == other || lowercased(byte) == lowercased(other) else {
                return false
            }
        }
        return true
    }

    /// Whether a text may be the name of a field (RFC 9110, section 5.6.2).
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !#"(),/:;<=>?@[\]{}""#.utf8.contains(byte)
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
