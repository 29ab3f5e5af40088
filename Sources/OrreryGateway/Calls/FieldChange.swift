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

/// Fields of a message, as policies change them. The names of header fields are compared without regard to case.
protocol FieldList {
    func contains(named name: String) -> Bool
    mutating func removeAll(named name: String)
    mutating func appendField(_ name: String, _ value: String)
}

extension FieldList {
    /// - Returns: whether anything is another than before.
    @discardableResult
    mutating func apply(_ change: FieldChange) -> Bool {
        let isThere = contains(named: change.name)
        switch change.action {
        case .skip where isThere, .delete where !isThere: return false
        case .override where isThere, .delete: removeAll(named: change.name)
        case .override, .skip, .append: break
        }
        if change.action != .delete { appendField(change.name, change.value) }
        return true
    }
}

extension HTTPHeaders: FieldList {
    mutating func appendField(_ name: String, _ value: String) { append(name: name.utf8, value: value.utf8) }
}

extension HTTPResponseHeaders: FieldList {
    mutating func appendField(_ name: String, _ value: String) { append(dynamicName: name, value) }
}
