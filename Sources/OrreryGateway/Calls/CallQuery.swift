import OrreryHTTP

/// A request's query: its fields, decoded, and what policies made of them.
struct CallQuery: Sendable {
    struct Field: Sendable {
        let name: String
        let value: String
    }

    private(set) var fields: [Field]
    private(set) var isChanged = false

    /// The fields of a query as it came. What cannot be decoded, and what has no name, is left out.
    init(_ raw: ArraySlice<UInt8>?) {
        fields = QueryString.fields(raw, plusIsSpace: true).compactMap { name, value in
            guard let name, !name.isEmpty else { return nil }
            return Field(name: name, value: value ?? "")
        }
    }

    /// The first value of a name.
    func first(_ name: String) -> String? {
        fields.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    mutating func apply(_ change: FieldChange) {
        if fields.apply(change) { isChanged = true }
    }

    /// The query as it stands in a URL, with its question mark; empty where there are no fields.
    var text: String {
        var text = ""
        for field in fields {
            text += text.isEmpty ? "?" : "&"
            text += PercentEncoding.encode(field.name.utf8) + "=" + PercentEncoding.encode(field.value.utf8)
        }
        return text
    }
}

extension [CallQuery.Field]: FieldList {
    func contains(named name: String) -> Bool { contains { $0.name.utf8.elementsEqual(name.utf8) } }
    mutating func removeAll(named name: String) { removeAll { $0.name.utf8.elementsEqual(name.utf8) } }
    mutating func appendField(_ name: String, _ value: String) {
        append(CallQuery.Field(name: name, value: value))
    }
}
