/// The route of a proxy: `/api/{name}`, at its end `{*rest}`, or `{name?}` for a segment that may be absent.
struct ProxyRoute {
    let text: String
    /// The paths of operations that it comes to: itself, and without its last segment where that may be absent.
    let paths: [String]
    let names: [String]
    /// The text of the first segment; nil where a name stands there.
    let firstText: String?

    init(_ text: String, at place: String) throws(ConfigurationError) {
        self.text = text
        var segments: [String] = []
        var mayEndEarly = false
        for segment in text.split(separator: "/") {
            guard !mayEndEarly else { throw ConfigurationError("\(place): nothing can follow {…?} in '\(text)'") }
            if segment.hasPrefix("{"), segment.hasSuffix("}"), segment.contains(":") {
                throw ConfigurationError("\(place): '\(segment)': constraints of routes are not read")
            }
            if segment.hasPrefix("{"), segment.hasSuffix("?}") {
                mayEndEarly = true
                segments.append(segment.dropLast(2) + "}")
            } else {
                segments.append(String(segment))
            }
        }
        let path = "/" + segments.joined(separator: "/")
        names = try PathTemplate(path, at: place).parameterNames
        paths = mayEndEarly ? [path, "/" + segments.dropLast().joined(separator: "/")] : [path]
        firstText = segments.first.flatMap { $0.contains("{") ? nil : $0 }
    }
}
