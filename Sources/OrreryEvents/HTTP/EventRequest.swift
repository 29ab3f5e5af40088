import OrreryHTTP

/// What a request for events says: where it goes, and the fields of its query.
struct EventRequest: Sendable {
    let http: HTTPRequest
    /// The path's segments, decoded.
    let segments: [String]
    /// The fields of the query by their names in lower case.
    let query: [String: String]

    /// Nil where path or query cannot be decoded.
    init?(_ http: HTTPRequest) {
        guard let segments = try? http.pathSegments() else { return nil }
        self.http = http
        self.segments = segments
        var query: [String: String] = [:]
        for field in QueryString.fields(http.rawQuery) {
            guard let name = field.name, let value = field.value else { return nil }
            query[name.lowercased()] = value
        }
        self.query = query
    }

    /// A whole number of the query within bounds.
    func integer(_ name: String, in range: ClosedRange<Int>, default value: Int) throws(EventError) -> Int {
        guard let text = query[name.lowercased()] else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw EventError(.badRequest, "\(name) must be from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}
