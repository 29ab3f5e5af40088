internal import OrreryDatabase
internal import OrreryEngine

/// The changes of a container, in the order of their commits within a partition key. The sequence has no end: where
/// there are no changes it waits, woken by the commit itself, until its task is cancelled.
///
/// ```swift
/// for try await change in orders.changes(since: .now, of: Order.self) {
///     print(change.id)
/// }
/// ```
public struct Changes<Value: Decodable & Sendable>: AsyncSequence, Sendable {
    public typealias Element = Change<Value>
    public typealias Failure = StoreError

    let container: Container
    let start: ChangeStart
    let mode: ChangeMode
    let key: PartitionKey?

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator { Iterator(changes: self) }

    /// Reads changes, and waits for them.
    public struct Iterator: AsyncIteratorProtocol {
        public typealias Element = Change<Value>
        public typealias Failure = StoreError

        private let changes: Changes
        /// How far each range is; nil until the feed has begun.
        private var places: [UInt64: UInt64]?
        private var page: [Element] = []
        private var position = 0
        /// The range that is read next, so that each has its turn.
        private var turn = 0
        /// Whether a range was found closed, as it is for a moment before the catalog tells what became of it.
        private var hasMetEnd = false

        /// How long after a range's end its container is asked what follows.
        private static var pause: Duration { .milliseconds(20) }

        init(changes: Changes) {
            self.changes = changes
        }

        /// The next change; nil once the task is cancelled.
        public mutating func next() async throws(StoreError) -> Element? {
            while position == page.count {
                if Task.isCancelled { return nil }
                let opened = try StoreError.translating { () throws(DatabaseError) in try changes.container.opened() }
                let ranges = opened.ranges(of: changes.scope)
                do throws(DatabaseError) {
                    places = try changes.places(places, ranges, in: opened)
                    let isRead = try read(ranges, in: opened)
                    hasMetEnd = false
                    if isRead { continue }
                    let wake = try await CommitWaiting().wait(for: ranges, of: opened, after: places ?? [:])
                    if wake == .gone { try? await Task.sleep(for: Self.pause) }
                } catch {
                    // It was split meanwhile: the container says into what, by now or in a moment.
                    guard error == .rangeGone || isEnding(error) else { throw StoreError(error) }
                    try? await Task.sleep(for: Self.pause)
                }
            }
            defer { position += 1 }
            return page[position]
        }

        /// Whether an error is that of a range that has just come to its end, the first time that it shows.
        private mutating func isEnding(_ error: DatabaseError) -> Bool {
            guard case .unavailable = error else { return false }
            defer { hasMetEnd = true }
            return !hasMetEnd
        }

        /// Reads a page of the next range that has changes. Answers whether there is one.
        private mutating func read(
            _ ranges: [PartitionKeyRange], in container: OrreryDatabase.Container
        ) throws(DatabaseError) -> Bool {
            for _ in ranges {
                let range = ranges[turn % ranges.count]
                turn += 1
                let found = try changes.page(of: range, after: places?[range.number] ?? 0, in: container)
                var places = self.places ?? [:]
                page = []
                for (index, change) in found.changes.enumerated() {
                    // Before the last change of an LSN its place is not passed yet: no page is cut within one.
                    let next = index + 1 < found.changes.count ? found.changes[index + 1].item.lsn : nil
                    if next != change.item.lsn { places[range.number] = change.item.lsn }
                    page.append(try changes.element(change, ChangeToken(places)))
                }
                position = 0
                self.places?[range.number] = found.lsn
                if !page.isEmpty { return true }
            }
            return false
        }
    }
}

extension Changes {
    fileprivate var scope: FeedScope { key.map { .partitionKey($0.key) } ?? .container }

    /// Where each range goes on, those of a split where the range before them was.
    fileprivate func places(
        _ places: [UInt64: UInt64]?, _ ranges: [PartitionKeyRange], in container: OrreryDatabase.Container
    ) throws(DatabaseError) -> [UInt64: UInt64] {
        var known = places
        if known == nil, case .after(let token) = start { known = token.places }
        var result: [UInt64: UInt64] = [:]
        for range in ranges {
            if let known {
                result[range.number] = ([range.number] + range.parents.reversed()).lazy.compactMap { known[$0] }.first
                    ?? 0
            } else {
                result[range.number] = try firstPlace(in: range, of: container)
            }
        }
        return result
    }

    private func firstPlace(
        in range: PartitionKeyRange, of container: OrreryDatabase.Container
    ) throws(DatabaseError) -> UInt64 {
        switch start {
        case .beginning, .after: 0
        case .now: try container.lsn(of: range)
        case .time(let milliseconds): try container.lsn(of: range, beforeMilliseconds: milliseconds)
        }
    }

    /// A change as it was read.
    fileprivate typealias Found = (kind: Element.Kind, item: OrreryEngine.Item, previous: OrreryEngine.Item?)

    fileprivate func page(
        of range: PartitionKeyRange, after lsn: UInt64, in container: OrreryDatabase.Container
    ) throws(DatabaseError) -> (changes: [Found], lsn: UInt64) {
        switch mode {
        case .allVersions:
            let page = try container.history(
                of: range, in: scope, after: lsn, sinceSeconds: nil, itemCountMax: nil)
            return (page.changes.map { (kind: Element.Kind($0.kind), item: $0.item, previous: $0.previous) }, page.lsn)
        case .latestVersion:
            let page = try container.changes(
                of: range, in: scope, after: lsn, sinceSeconds: nil, itemCountMax: nil)
            return (page.items.map { (kind: .replace, item: $0, previous: nil) }, page.lsn)
        }
    }

    fileprivate func element(_ change: Found, _ token: ChangeToken) throws(DatabaseError) -> Element {
        Change(
            kind: change.kind, id: String(decoding: change.item.id, as: UTF8.self),
            value: try Self.value(change.item), previous: try change.previous.flatMap(Self.value),
            lsn: change.item.lsn, timestampSeconds: change.item.timestampSeconds, token: token)
    }

    private static func value(_ item: OrreryEngine.Item) throws(DatabaseError) -> Value? {
        if item.text.isEmpty { return nil }
        do throws(StoreError) {
            return try ItemDecoder.decode(Value.self, from: item.text)
        } catch {
            throw .invalid("\(error)")
        }
    }
}

extension Change.Kind {
    init(_ kind: ItemChange.Kind) {
        switch kind {
        case .create: self = .create
        case .replace: self = .replace
        case .delete: self = .delete
        case .expire: self = .expire
        }
    }
}

extension Container {
    /// The changes of the container, or of one partition key.
    ///
    /// ```swift
    /// for try await change in orders.changes(since: .now, mode: .allVersions, in: "ada", of: Order.self) {
    ///     print(change.kind, change.id)
    /// }
    /// ```
    /// - Parameters:
    ///   - start: where to begin.
    ///   - mode: which changes to give.
    ///   - key: the partition key to look at; nil for all. Order holds within a partition key.
    ///   - type: what an item is decoded as.
    public func changes<Value: Decodable & Sendable>(
        since start: ChangeStart, mode: ChangeMode = .latestVersion, in key: PartitionKey? = nil,
        of type: Value.Type = Value.self
    ) -> Changes<Value> {
        Changes(container: self, start: start, mode: mode, key: key)
    }
}
