import OrreryDocuments

/// Some of HTTP's status codes: `[429, "500-599"]`.
struct StatusSet: Sendable, Equatable {
    private let ranges: [ClosedRange<Int>]

    init(_ ranges: [ClosedRange<Int>]) {
        self.ranges = ranges
    }

    func contains(_ status: Int) -> Bool { ranges.contains { $0.contains(status) } }
}

extension ConfigurationReader {
    /// A list of status codes and ranges of them; nil where there is none.
    mutating func statuses(_ name: String) throws(ConfigurationError) -> StatusSet? {
        guard value(name) != nil else { return nil }
        var ranges: [ClosedRange<Int>] = []
        for value in try array(name) {
            let text = value.string ?? value.int64.map { String($0) } ?? ""
            let bounds = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard bounds.count <= 2, let low = bounds.first ?? nil, let high = bounds.last ?? nil, low >= 100,
                high <= 599, low <= high
            else { throw wrong(name, "a list of status codes and ranges such as \"500-599\"") }
            ranges.append(low...high)
        }
        return StatusSet(ranges)
    }
}
