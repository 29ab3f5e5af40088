internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine

/// What a handler was never given of one partition, for the log had let go of it before.
struct TriggerLoss: Sendable, Equatable {
    /// How many changes, at most: what they were nobody knows any more.
    var count: UInt64 = 0
    /// Up to this version it was given what is not counted.
    var version: UInt64 = 0

    /// The loss as a checkpoint's value.
    var text: [UInt8] { Array(#"{"count":\#(count),"version":\#(version)}"#.utf8) }

    /// Counts what a page lacks, up to a version.
    mutating func add(_ page: HistoryPage, through last: UInt64 = .max) {
        count &+= page.missingCount(behind: version, through: last)
        version = max(version, min(page.trimmedVersion, last))
    }
}

extension TriggerLoss {
    /// Reads a checkpoint's value; nothing where it is none.
    init(text: [UInt8]) {
        let json = try? JSONValue(parsing: text)
        count = UInt64(clamping: json?["count"]?.int64 ?? 0)
        version = UInt64(clamping: json?["version"]?.int64 ?? 0)
    }
}

extension TriggerProgress {
    /// What is lost up to an LSN, with what the log no longer has behind the place. It reads what is left of the
    /// history in between.
    func loss(
        in range: PartitionKeyRange, of container: Container, upTo lsn: UInt64 = .max
    ) throws(DatabaseError) -> TriggerLoss {
        let trimmedVersion = try container.trimmedVersion(of: range)
        // Where all is behind, as it mostly is, nothing is searched for.
        guard let place, max(place.version, loss.version) < trimmedVersion else { return loss }
        var loss = loss
        loss.version = max(loss.version, try container.lastVersion(of: range, upTo: place.lsn))
        let last = min(trimmedVersion, try container.lastVersion(of: range, upTo: lsn))
        var start = place.lsn
        while loss.version < last {
            let page = try container.history(
                of: range, in: .container, after: start, sinceSeconds: nil, itemCountMax: nil, gapVersionMax: .max)
            loss.add(page, through: last)
            start = page.lsn
        }
        return loss
    }
}
