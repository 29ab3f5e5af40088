internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// A source of a query's documents that reads them from the engine. What the engine reports when a read fails is kept
/// here: the query itself only knows that it did.
protocol FailingSource: ~Copyable {
    var failure: DatabaseError? { get set }
}

extension FailingSource where Self: ~Copyable {
    /// Reads from the engine.
    mutating func reading<Result>(
        _ body: (inout Self) throws(EngineError) -> Result
    ) throws(QueryError) -> Result {
        do throws(EngineError) {
            return try body(&self)
        } catch {
            failure = DatabaseError(error)
            throw .sourceFailed
        }
    }

    /// A document as a query takes it.
    /// - Parameters:
    ///   - partIndex: which of the query's ranges it is of.
    ///   - count: how many items it stands for.
    mutating func sourceDocument(
        _ item: ItemText, partIndex: Int, count: Int = 1
    ) throws(QueryError) -> SourceDocument {
        guard let document = SourceDocument(item, partIndex: partIndex, count: count) else { throw unreadable() }
        return document
    }

    /// Appends the text of an item that the source has handed out before: its snapshot holds still, so it is there.
    mutating func appendText(
        of version: UInt64, from snapshot: PartitionSnapshot, to rows: inout [UInt8]
    ) throws(QueryError) {
        let number = try reading { (_) throws(EngineError) in try snapshot.appendText(of: version, to: &rows) }
        if number == nil { throw unreadable() }
    }

    /// Keeps that an item which has to be there cannot be read; answers what is then thrown.
    mutating func unreadable() -> QueryError {
        failure = .unreadableItem
        return .sourceFailed
    }
}

extension SourceDocument {
    /// An item of one of a query's ranges; nil where it cannot be read. What is stored was validated when it came in.
    init?(_ item: ItemText, partIndex: Int, count: Int = 1) {
        guard let document = try? JSONDocument(parsing: item.text) else { return nil }
        self.init(
            document: document,
            position: DocumentPosition(partition: UInt32(clamping: partIndex), version: item.version),
            resourceNumber: item.documentNumber, count: count, byteCount: item.byteCount)
    }
}

extension DatabaseError {
    static let unreadableItem = DatabaseError.unavailable("An item of the container cannot be read.")
}

extension QueryWork {
    /// Runs a page over a source, and tells the source's own error where that has failed.
    func page<Source: FailingSource & ~Copyable>(
        over source: inout Source, _ run: (inout Source) throws(QueryError) -> QueryPage
    ) throws(DatabaseError) -> QueryPage {
        do throws(QueryError) {
            return try run(&source)
        } catch {
            throw source.failure ?? .badQuery(error)
        }
    }
}
