import OrreryDocuments

/// Collects a page's rows up to its limits.
struct PageBuilder {
    private(set) var page: QueryPage
    private let rowCountMax: Int
    private let bytesMax: Int
    private let headBytes: Int
    /// Where the row that a source is writing begins, the comma before it included, and where its text does.
    private var rowStart = 0
    private var textStart = 0

    /// - Parameter head: what stands before the first row.
    init(rowCountMax: Int?, bytesMax: Int, head: [UInt8]) {
        self.rowCountMax = max(1, rowCountMax ?? Int.max)
        headBytes = head.count
        self.bytesMax = bytesMax + head.count
        page = QueryPage(rows: head)
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

    /// Appends a document of a source by its text; see above.
    mutating func append<Source: DocumentSource & ~Copyable>(
        at position: DocumentPosition, of source: inout Source
    ) throws(QueryError) -> Bool {
        beginRow()
        try source.appendText(at: position, to: &page.rows)
        return endRow()
    }

    /// Begins a row that a source writes itself, to the end of ``rows``.
    mutating func beginRow() {
        rowStart = page.rows.count
        if page.rowCount > 0 { page.rows.append(UInt8(ascii: ",")) }
        textStart = page.rows.count
        // Rows are of a size, mostly: after the first one there is room for a small page of them, and what closes it.
        if page.rowCount == 1 {
            page.rows.reserveCapacity(min(rowStart * Self.smallPageRows + 64, Self.smallPageBytesMax))
        }
    }

    private static var smallPageRows: Int { 12 }
    private static var smallPageBytesMax: Int { 64 * 1024 }

    /// The rows so far, for the one that a source is writing.
    var rows: [UInt8] {
        get { page.rows }
        _modify { yield &page.rows }
    }

    /// The size of the begun row's text.
    var rowByteCount: Int { page.rows.count - textStart }

    /// Ends the begun row, or answers false when the page has no room for it and it is gone again.
    mutating func endRow() -> Bool {
        guard page.rowCount < rowCountMax, page.rowCount == 0 || page.rows.count <= bytesMax else {
            dropRow()
            return false
        }
        page.rowCount += 1
        return true
    }

    /// Takes the begun row back.
    mutating func dropRow() {
        if page.rows.count == rowStart + 1 {
            // All there is of it is its comma.
            page.rows.removeLast()
        } else {
            page.rows.removeLast(page.rows.count - rowStart)
        }
    }

    /// Hands the page out, with which the builder is at its end.
    mutating func finish(_ metrics: QueryMetrics, continuation: String?) -> QueryPage {
        // Taken out, not copied: rows that two hold are copied when one adds to them.
        var finished = QueryPage()
        swap(&finished, &page)
        finished.metrics = metrics
        finished.metrics.outputDocumentCount = finished.rowCount
        finished.metrics.outputDocumentBytes = finished.rows.count - headBytes
        finished.continuation = continuation
        return finished
    }
}
