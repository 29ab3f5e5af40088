/// The part of a target behind the question mark: fields between ampersands, percent-encoded.
public enum QueryString {
    /// The fields in order, decoded: nil for a name or a value that cannot be. A field without `=` has an empty value.
    /// - Parameter plusIsSpace: whether a plus stands for a space, as in forms.
    public static func fields(
        _ query: ArraySlice<UInt8>?, plusIsSpace: Bool = false
    ) -> [(name: String?, value: String?)] {
        func text(_ bytes: ArraySlice<UInt8>) -> String? {
            guard plusIsSpace, bytes.contains(UInt8(ascii: "+")) else { return try? PercentEncoding.text(bytes) }
            return try? PercentEncoding.text(bytes.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 })
        }
        return (query ?? []).split(separator: UInt8(ascii: "&")).map { field in
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (text(parts[0]), parts.count > 1 ? text(parts[1]) : "")
        }
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
