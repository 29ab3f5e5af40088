internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

extension PathCondition {
    /// The condition as people read it: `/a/? = 5 AND /b/? >= "x"`.
    var text: String {
        switch self {
        case .equal(let path, let value): "\(path.policyText) = \(value.text)"
        case .between(let path, let lower, let upper):
            [
                lower.map { "\(path.policyText) \($0.lowerOperator) \($0.value.text)" },
                upper.map { "\(path.policyText) \($0.upperOperator) \($0.value.text)" },
            ].compactMap { $0 }.joined(separator: " AND ")
        case .beginsWith(let path, let prefix): "\(path.policyText) LIKE \(PathValue.string(prefix + "%").text)"
        case .isDefined(let path): "\(path.policyText) != undefined"
        case .noneOf(let path, let values):
            values.map { "\(path.policyText) != \($0.text)" }.joined(separator: " AND ")
        case .all(let parts): parts.map(\.text).joined(separator: " AND ")
        case .any(let parts): "(" + parts.map(\.text).joined(separator: " OR ") + ")"
        }
    }
}

extension PathBound {
    /// The comparisons that leave what is behind it, and what is before it.
    var lowerOperator: String { isOpen ? ">" : ">=" }
    var upperOperator: String { isOpen ? "<" : "<=" }
}

extension PathValue {
    /// The constant as query text.
    var text: String {
        switch self {
        case .null: return "null"
        case .boolean(let flag): return flag ? "true" : "false"
        case .number(let number):
            guard number.isFinite else { return number < 0 ? "-Infinity" : "Infinity" }
            var writer = JSONWriter()
            writer.number(number)
            return String(decoding: writer.bytes, as: UTF8.self)
        case .string(let text):
            var writer = JSONWriter()
            writer.string(text)
            return String(decoding: writer.bytes, as: UTF8.self)
        case .array: return "[]"
        case .object: return "{}"
        }
    }
}

extension DocumentPath {
    /// `.a.b[0]` as in a query; elements of arrays as the service shows them.
    var expressionText: String {
        steps.map { step in
            switch step {
            case .property(let name): "." + String(decoding: name, as: UTF8.self)
            case .element: "[]"
            }
        }.joined()
    }

    /// `/a/b` as a composite index has it.
    var propertyText: String {
        steps.map { step in
            switch step {
            case .property(let name): "/" + String(decoding: name, as: UTF8.self)
            case .element: "/[]"
            }
        }.joined()
    }

    /// `/a/b/[]/?` as in a policy.
    var policyText: String { propertyText + "/?" }
}

extension CompositeIndex {
    /// `/a ASC`, `/b DESC`: the paths as the service lists them.
    var pathTexts: [String] {
        parts.map { part in
            let path = DocumentPath(
                part.path.steps.map { step in
                    switch step {
                    case .property(let name): .property(name)
                    case .element: .element
                    }
                })
            return path.propertyText + (part.isDescending ? " DESC" : " ASC")
        }
    }
}
