/// What kind of data a media type names; parameters and case do not count.
enum MediaType {
    /// Whether it is JSON: `application/json`, anything with `+json`, or nothing at all (CloudEvents' default).
    static func isJSON(_ type: String?) -> Bool {
        guard let type else { return true }
        let name = essence(type)
        return name.hasSuffix("/json") || name.hasSuffix("+json")
    }

    /// Whether its data is text: `text/…`, and XML by any name.
    static func isText(_ type: String?) -> Bool {
        guard let type else { return false }
        let name = essence(type)
        return name.hasPrefix("text/") || name.hasSuffix("/xml") || name.hasSuffix("+xml")
    }

    /// Type and subtype in lower case, without parameters.
    static func essence(_ type: String) -> String {
        let name = type.utf8.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 && $0 != 0x09 }
        return String(decoding: name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
