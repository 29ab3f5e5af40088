public import OrreryDocuments

/// Where a document stands in a scan. Positions only rise within a scan, and a version keeps its position for ever.
public struct DocumentPosition: Sendable, Hashable, Comparable {
    /// Which of the scan's partitions, in the order in which it visits them.
    public let partition: UInt32
    /// The document's version number in that partition.
    public let version: UInt64

    /// - Parameter version: counts from 1.
    public init(partition: UInt32 = 0, version: UInt64) {
        self.partition = partition
        self.version = version
    }

    /// By partition, then by version.
    public static func < (a: DocumentPosition, b: DocumentPosition) -> Bool {
        a.partition == b.partition ? a.version < b.version : a.partition < b.partition
    }

    /// The position before every document.
    public static let start = DocumentPosition(partition: 0, version: 0)
}

/// A document of a scan.
public struct SourceDocument: Sendable {
    /// The document as stored, system properties included, or what the query reads of it.
    public let document: JSONDocument
    /// Where it stands.
    public let position: DocumentPosition
    /// The number that orders items by `_rid`: what settles ties of ORDER BY.
    public let resourceNumber: UInt64
    /// How many documents it stands for: more than one only where the query cannot tell them apart.
    public let count: Int
    /// The size of its whole text, of which ``document`` may be a part.
    public let byteCount: Int

    /// A document with its place and number.
    /// - Parameters:
    ///   - document: the whole of it, or the members that the query reads.
    ///   - byteCount: the size of the whole; nil for the document's own.
    public init(
        document: JSONDocument, position: DocumentPosition, resourceNumber: UInt64, count: Int = 1,
        byteCount: Int? = nil
    ) {
        self.document = document
        self.byteCount = byteCount ?? document.text.count
        self.position = position
        self.resourceNumber = resourceNumber
        self.count = count
    }
}

/// The documents of a query's scope as one view sees them, in the order of their positions: one partition, or several
/// one after the other. A source that fails keeps its own error and throws `QueryError.sourceFailed`.
public protocol DocumentSource: ~Copyable {
    /// Goes to the first document at or after a position. A scan starts at the first one.
    mutating func seek(to position: DocumentPosition) throws(QueryError)

    /// The next document, or nil at the end.
    mutating func next() throws(QueryError) -> SourceDocument?

    /// A document that this source has handed out before. It does not move the scan.
    mutating func document(at position: DocumentPosition) throws(QueryError) -> SourceDocument?

    /// Appends the whole text of a document that this source has handed out before.
    mutating func appendText(at position: DocumentPosition, to rows: inout [UInt8]) throws(QueryError)

    /// How many documents the whole scan holds, where that can be told without loading them; nil where it cannot.
    mutating func count() throws(QueryError) -> Int?
}

extension DocumentSource where Self: ~Copyable {
    public mutating func count() throws(QueryError) -> Int? { nil }

    /// For sources that hand out whole documents.
    public mutating func appendText(at position: DocumentPosition, to rows: inout [UInt8]) throws(QueryError) {
        guard let found = try document(at: position) else { throw .sourceFailed }
        rows += found.document.text
    }
}

extension QueryError {
    /// Tells the executor to stop; the source's owner reports its own error instead.
    public static let sourceFailed = QueryError(.invalidQuery, "The documents could not be read.")
}

/// Documents in memory, for tests and small tables: the elements in order, versions counting from 1.
public struct DocumentList: DocumentSource, Sendable {
    private let documents: [SourceDocument]
    private var index = 0

    /// Documents with places of their own.
    public init(_ documents: [SourceDocument]) {
        self.documents = documents.sorted { $0.position < $1.position }
    }

    /// Documents whose places and numbers follow their order.
    public init(_ documents: [JSONDocument]) {
        self.init(
            documents.enumerated().map { index, document in
                SourceDocument(
                    document: document, position: DocumentPosition(version: UInt64(index) + 1),
                    resourceNumber: UInt64(index) + 1)
            })
    }

    /// See `DocumentSource`.
    public mutating func seek(to position: DocumentPosition) {
        index = documents.firstIndex { $0.position >= position } ?? documents.count
    }

    /// See `DocumentSource`.
    public mutating func next() -> SourceDocument? {
        guard index < documents.count else { return nil }
        defer { index += 1 }
        return documents[index]
    }

    /// See `DocumentSource`.
    public func document(at position: DocumentPosition) -> SourceDocument? {
        documents.first { $0.position == position }
    }
}
