import OrreryDocuments

/// Collects a page's rows up to its limits.
struct PageBuilder {
    private(set) var page = QueryPage()
    private let rowCountMax: Int
    private let bytesMax: Int

    init(rowCountMax: Int?, bytesMax: Int) {
        self.rowCountMax = max(1, rowCountMax ?? Int.max)
        self.bytesMax = bytesMax
    }

    /// Appends a row, or answers false when the page has no room for it. The first row always fits.
    mutating func append(_ value: Value) throws(QueryError) -> Bool {
        guard page.rowCount < rowCountMax else { return false }
        if case .node(let node) = value {
            return append(node.text)
        }
        var writer = JSONWriter(reservingBytes: 256)
        try value.write(to: &writer)
        return append(writer.bytes[...])
    }

    /// Appends a row by its text; see above.
    mutating func append(_ text: ArraySlice<UInt8>) -> Bool {
        guard page.rowCount < rowCountMax else { return false }
        guard page.rowCount == 0 || page.rows.count + text.count + 1 <= bytesMax else { return false }
        if page.rowCount > 0 { page.rows.append(UInt8(ascii: ",")) }
        page.rows += text
        page.rowCount += 1
        return true
    }

    /// Begins a row that a source writes itself, to the end of ``rows``; answers where it begins.
    mutating func beginRow() -> Int {
        let start = page.rows.count
        if page.rowCount > 0 { page.rows.append(UInt8(ascii: ",")) }
        // Rows are of a size, mostly: after the first one there is room for a small page of them.
        if page.rowCount == 1 { page.rows.reserveCapacity(min(start * Self.smallPageRows, Self.smallPageBytesMax)) }
        return start
    }

    private static var smallPageRows: Int { 12 }
    private static var smallPageBytesMax: Int { 64 * 1024 }

    /// Ends the row, or answers false when the page has no room for it and it is gone again.
    mutating func endRow(from start: Int) -> Bool {
        guard page.rowCount < rowCountMax, page.rowCount == 0 || page.rows.count <= bytesMax else {
            dropRow(from: start)
            return false
        }
        page.rowCount += 1
        return true
    }

    /// Takes a row back that was begun.
    mutating func dropRow(from start: Int) {
        page.rows.removeLast(page.rows.count - start)
    }

    /// The rows so far, for the one that a source is writing.
    var rows: [UInt8] {
        get { page.rows }
        _modify { yield &page.rows }
    }

    mutating func finish(_ metrics: QueryMetrics, continuation: String?) -> QueryPage {
        page.metrics = metrics
        page.metrics.outputDocumentCount = page.rowCount
        page.metrics.outputDocumentBytes = page.rows.count
        page.continuation = continuation
        return page
    }
}
