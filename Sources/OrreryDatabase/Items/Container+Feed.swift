public import OrreryEngine
public import OrreryKeys

/// Which items a feed gives.
public enum FeedScope: Sendable {
    /// All of the container.
    case container
    /// Those whose effective partition keys are in a range.
    case keys(EffectiveKeyRange)
    /// Those of one partition key, or of a prefix of a hierarchical one.
    case partitionKey(PartitionKey)
}

/// Where a feed goes on: after a version of a range; 0 for its beginning.
public typealias FeedPosition = RangePosition<UInt64>

/// A page of a feed.
public struct FeedPage: Sendable {
    public var items: [Item] = []
    /// Where the next page begins; nil at the end.
    public var next: FeedPosition?
    /// How far the ranges are that were read.
    public var progress: [PartitionProgress] = []
}

extension Container {
    /// The most bytes of items in a page (features and limits: response page 4 MB).
    public static var pageBytesMax: Int { 4 << 20 }
    /// How many items a page holds where the caller does not say, and the most it may say.
    public static var pageItemsMax: Int { 1000 }

    /// A page of the items of a scope. An item that does not change is given exactly once, whatever is written
    /// between the pages.
    /// - Parameter position: where the page begins; nil for the scope's beginning.
    /// - Throws: `.rangeGone` when the position is in no range of the scope.
    public func items(
        in scope: FeedScope, from position: FeedPosition?, itemCountMax: Int?
    ) throws(DatabaseError) -> FeedPage {
        var page = FeedPage()
        var byteCount = 0
        let countMax = min(itemCountMax ?? Self.pageItemsMax, Self.pageItemsMax)
        var rest = try ranges(of: scope, from: position)
        while let range = rest.popFirst() {
            let snapshot = try snapshot(of: range)
            page.progress.append(PartitionProgress(range.number, snapshot))
            var last = position?.place(in: range) ?? 0
            var isFull = false
            do throws(EngineError) {
                _ = try snapshot.scan(self.scope(of: scope, in: range), after: last) { item in
                    isFull = page.items.count >= countMax
                        || (!page.items.isEmpty && byteCount + item.text.count > Self.pageBytesMax)
                    if isFull { return false }
                    page.items.append(item)
                    byteCount += item.text.count
                    last = item.version
                    return true
                }
            } catch {
                throw DatabaseError(error)
            }
            if isFull {
                page.next = .at(last, in: range, before: rest, keeping: position)
                return page
            }
        }
        return page
    }

    /// Gives every item of a scope, page by page: one that does not change meanwhile exactly once.
    public func eachItem(in scope: FeedScope, _ body: (Item) -> Void) throws(DatabaseError) {
        var position: FeedPosition?
        repeat {
            let page = try items(in: scope, from: position, itemCountMax: nil)
            for item in page.items { body(item) }
            position = page.next
        } while position != nil
    }

    /// The ranges that a scope reaches into, in the order of their keys.
    public func ranges(of scope: FeedScope) -> [PartitionKeyRange] {
        if case .container = scope { return ranges }
        let keys = keys(of: scope)
        return ranges.filter { $0.keys.overlaps(keys) || $0.keys.contains(keys.min) }
    }

    /// The ranges that a scope reaches into, from the position's on.
    func ranges<Place>(
        of scope: FeedScope, from position: RangePosition<Place>?
    ) throws(DatabaseError) -> ArraySlice<PartitionKeyRange> {
        let reached = ranges(of: scope)
        guard let position else { return reached[...] }
        guard let rest = position.rest(of: reached) else { throw .rangeGone }
        return rest
    }

    func keys(of scope: FeedScope) -> EffectiveKeyRange {
        switch scope {
        case .container: .all
        case .keys(let keys): keys
        case .partitionKey(let key): definition.partitionKey.effectiveRange(ofPrefix: key)
        }
    }

    /// The scope within one range, as the engine scans it.
    func scope(of scope: FeedScope, in range: PartitionKeyRange) -> PartitionSnapshot.Scope {
        switch scope {
        case .container:
            return .all
        case .keys(let keys):
            return keys.contains(range.keys) ? .all : .range(lower: keys.min.bytes, upper: keys.max.bytes)
        case .partitionKey(let key):
            if definition.partitionKey.isWhole(key) { return self.scope(of: key) }
            let keys = definition.partitionKey.effectiveRange(ofPrefix: key)
            return .range(lower: keys.min.bytes, upper: keys.max.bytes)
        }
    }

    /// The range of a number.
    /// - Throws: `.rangeGone` where there is none of this number.
    public func range(numbered number: UInt64) throws(DatabaseError) -> PartitionKeyRange {
        guard let range = ranges.first(where: { $0.number == number }) else { throw .rangeGone }
        return range
    }

    /// The id of the item that a resource id names among those of a partition key; nil where there is none. Looks at
    /// each of the key's items.
    public func itemID(of resourceID: ResourceID, partitionKey: PartitionKey) throws(DatabaseError) -> [UInt8]? {
        guard let number = resourceID.childNumber, resourceID.childKind == .item else { return nil }
        let key = definition.partitionKey.effectiveKey(of: partitionKey)
        guard definition.partitionKey.isWhole(partitionKey), let range = range(holding: key) else { return nil }
        let snapshot = try snapshot(of: range)
        var id: [UInt8]?
        do throws(EngineError) {
            _ = try snapshot.scan(scope(of: partitionKey)) { item in
                if item.documentNumber == number { id = item.id }
                return id == nil
            }
        } catch {
            throw DatabaseError(error)
        }
        return id
    }
}

extension Container {
    /// Whether a key names one partition rather than a prefix of many, or more than the definition has paths for.
    public func isWhole(_ key: PartitionKey) -> Bool {
        definition.partitionKey.isWhole(key)
    }
}

extension PartitionKeyDefinition {
    func isWhole(_ key: PartitionKey) -> Bool {
        key.values.count == paths.count || (key.values.isEmpty && isSystemKey)
    }
}
