internal import Synchronization

/// Where a run's postings of a path are all dead, as walks found it: at the head of a queue, say. Later walks that
/// begin there go on behind.
///
/// What is superseded stays so, hence what one view found dead is dead to every later one.
final class DeadPostings: Sendable {
    /// Keys from the first to before the last.
    struct Stretch: Sendable {
        var lower: [UInt8]
        var upper: [UInt8]
        /// Holds for views of this LSN and later ones.
        var lsn: UInt64
    }

    private let stretches = Mutex<[IndexPathHash: [Stretch]]>([:])

    /// A queue has one stretch at its head, and perhaps one at its end.
    private static let stretchesMax = 4
    private static let pathsMax = 16

    /// The stretch that a key is in, as far as a view may know it.
    func stretch(of key: [UInt8], _ path: IndexPathHash, lsn: UInt64) -> Stretch? {
        stretches.withLock { stretches in
            stretches[path]?.first { stretch in
                stretch.lsn <= lsn && !stretch.lower.span.isBehind(key.span) && stretch.upper.span.isBehind(key.span)
            }
        }
    }

    /// Notes a stretch, joined with those that it touches.
    func note(_ stretch: Stretch, _ path: IndexPathHash) {
        stretches.withLock { stretches in
            if stretches[path] == nil, stretches.count >= Self.pathsMax { stretches.removeAll() }
            var joined = stretch
            var rest: [Stretch] = []
            for each in stretches[path] ?? [] {
                if each.lower.span.isBehind(joined.upper.span) || joined.lower.span.isBehind(each.upper.span) {
                    rest.append(each)
                    continue
                }
                if joined.lower.span.isBehind(each.lower.span) { joined.lower = each.lower }
                if each.upper.span.isBehind(joined.upper.span) { joined.upper = each.upper }
                joined.lsn = max(joined.lsn, each.lsn)
            }
            stretches[path] = [joined] + rest.prefix(Self.stretchesMax - 1)
        }
    }
}
