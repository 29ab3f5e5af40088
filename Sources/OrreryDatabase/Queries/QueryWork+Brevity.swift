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
        guard isReady, demand.valuePath == nil else { throw .badQuery(.notBrief) }
    }

    /// Gives up what is to read all items of a scope, unless it has few or the first few are enough.
    func checkBrevity(ofScan part: Part) throws(DatabaseError) {
        guard options.isBrief, query.readsItems else { return }
        let count = try Self.reading { () throws(EngineError) in
            try part.snapshot.versionCount(in: part.scope, limit: lookupLimit + 1)
        }
        if let count, count <= lookupLimit { return }
        let rowsMax = min(options.rowCountMax ?? .max, demand.rowCountMax ?? .max)
        // Of a filter nobody knows how many items it passes over.
        guard condition == nil, query.streams, rowsMax <= lookupLimit else { throw .badQuery(.notBrief) }
    }

    /// Gives up a walk for which lists have to be made: of the items that lack the path, or of a scope's.
    func checkBrevity(ofWalk access: OrderedAccess) throws(DatabaseError) {
        guard options.isBrief else { return }
        let isBrief = try Self.reading { () throws(EngineError) in
            for part in parts {
                if access.includesMissing, part.snapshot.mayLack(access.index) { return false }
                let count = try part.snapshot.versionCount(in: part.scope, limit: lookupLimit + 1)
                if let count, count > lookupLimit { return false }
            }
            return true
        }
        guard isBrief else { throw .badQuery(.notBrief) }
    }
}
