internal import OrreryEngine
internal import OrreryQuery

/// Brief pages are run on threads that others wait for. What turns out to be more than a handful of work is given up
/// with ``QueryError/notBrief`` and run again elsewhere, so here only what is sure to be little is let pass.
extension QueryWork {
    /// The most documents that a look-up may name.
    var lookupLimit: Int { options.isBrief ? QueryLimits.briefDocumentsMax : .max }

    private static var briefPartsMax: Int { 4 }

    /// Gives up what is no handful of work from the beginning.
    func checkBrevity() throws(DatabaseError) {
        guard options.isBrief else { return }
        let isReady = parts.count <= Self.briefPartsMax && parts.allSatisfy(\.snapshot.isReadyForLookups)
        // One document for each value is found by all that have any.
        guard isReady, demand.valuePaths.isEmpty else { throw .badQuery(.notBrief) }
    }

    /// Gives up what is to read all items of a scope, unless it has few or the first few are enough.
    func checkBrevity(ofScan part: Part) throws(DatabaseError) {
        guard options.isBrief, query.readsItems else { return }
        let count = try Self.reading { () throws(EngineError) in
            try part.snapshot.versionCount(in: part.scope, limit: lookupLimit + 1)
        }
        if let count, count <= lookupLimit { return }
        // Of a filter nobody knows how many items it passes over.
        guard condition == nil, fewMayDo else { throw .badQuery(.notBrief) }
    }

    /// Gives up reading the items that the index names, unless they are few or the first few may be enough.
    func checkBrevity(ofNamed count: Int) throws(DatabaseError) {
        guard options.isBrief, count > lookupLimit, !fewMayDo else { return }
        throw .badQuery(.notBrief)
    }

    /// Whether the page may be full before all items are read.
    private var fewMayDo: Bool {
        query.streams && min(options.rowCountMax ?? .max, demand.rowCountMax ?? .max) <= lookupLimit
    }

    /// Gives up a walk for which lists have to be made, of the items that lack the path or of a scope's, and one that
    /// no full page ends while it comes to more items than are read.
    func checkBrevity(ofWalk access: OrderedAccess) throws(DatabaseError) {
        guard options.isBrief else { return }
        let endsInTime = rowsWanted <= lookupLimit
        let asked = endsInTime ? nil : access.coversCondition ? access.condition : condition
        let isBrief = try Self.reading { () throws(EngineError) in
            var total = 0
            for part in parts {
                if access.includesMissing, part.snapshot.mayLack(access.index) { return false }
                if let count = try part.snapshot.versionCount(in: part.scope, limit: lookupLimit + 1) {
                    if count > lookupLimit { return false }
                } else if !endsInTime {
                    let count = try asked.flatMap { asked throws(EngineError) in
                        try part.snapshot.estimate(asked, limit: lookupLimit)
                    }
                    guard let count else { return false }
                    total += count
                }
            }
            return total <= lookupLimit
        }
        guard isBrief else { throw .badQuery(.notBrief) }
    }
}
