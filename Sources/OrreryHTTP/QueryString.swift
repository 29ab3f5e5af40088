/// The part of a target behind the question mark: fields between ampersands, percent-encoded.
public enum QueryString {
    /// The fields in order, decoded: nil for a name or a value that cannot be. A field without `=` has an empty value.
    /// - Parameter plusIsSpace: whether a plus stands for a space, as in forms.
    public static func fields(
        _ query: ArraySlice<UInt8>?, plusIsSpace: Bool = false
    ) -> [(name: String?, value: String?)] {
        func text(_ bytes: ArraySlice<UInt8>) -> String? {
            guard plusIsSpace, bytes.contains(UInt8(ascii: "+")) else { return try? PercentEncoding.text(bytes) }
            return try? PercentEncoding.text(bytes.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }[...])
        }
        var fields: [(name: String?, value: String?)] = []
        var rest = query ?? []
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.endIndex
            let field = rest[..<end]
            rest = rest[min(end + 1, rest.endIndex)...]
            if field.isEmpty { continue }
            let nameEnd = field.firstIndex(of: UInt8(ascii: "=")) ?? end
            fields.append((text(field[..<nameEnd]), nameEnd == end ? "" : text(field[(nameEnd + 1)...])))
        }
        return fields
    }
}

extension HTTPRequest {
    /// The fields of the query by their names. What cannot be decoded is left out, and of several of a name the last
    /// counts.
    public var queryFields: [String: String] {
        var fields: [String: String] = [:]
        for (name, value) in QueryString.fields(rawQuery) {
            if let name { fields[name] = value ?? "" }
        }
        return fields
    }
}
