internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// Reads a long scan ahead of its query. A few stretches of the scan are there to be read by whoever comes to them
/// first, the query's own thread or one that helps it, and the query is given them in their order: it sees what it
/// would see alone.
///
/// Nobody waits for help. Where no thread is free, the query reads each stretch itself when it comes to it.
final class ScanAhead: Sendable {
    /// Some documents that follow each other.
    struct Stretch: Sendable {
        var documents: [SourceDocument] = []
        /// What the scan has behind it: versions up to this one.
        var lastVersion: UInt64
        /// Whether the scan ends here.
        var isLast = false
        var failure: DatabaseError?
    }

    /// A stretch that was begun: versions behind the first one, up to the last.
    private struct Plan: Sendable {
        let after: UInt64
        let through: UInt64
    }

    private enum Progress {
        case waiting, taken
        case read(Stretch)

        var isWaiting: Bool { if case .waiting = self { true } else { false } }
    }

    private struct Window {
        var entries: [(plan: Plan, progress: Progress)] = []
        /// What the plans reach up to.
        var plannedVersion: UInt64
        var isPlanned = false
        var hasHelper = false

        var isFirstRead: Bool { if case .read? = entries.first?.progress { true } else { false } }
    }

    /// What the query's thread is to do next.
    private enum Turn {
        case take(Stretch)
        case read(Plan, needsHelp: Bool)
        case wait
    }

    private let part: PartitionDocuments.Part
    private let partIndex: Int
    private let excerpt: JSONExcerpt?
    private let window: Monitor<Window>

    private static let windowStretches = 4
    /// Versions of a stretch, or as many that the index named.
    private static let stretchVersions = 512
    /// Where documents are large a stretch ends early.
    private static let stretchBytesMax = 1 << 20

    /// - Parameters:
    ///   - version: the scan begins behind it.
    ///   - excerpt: what the query reads of items; nil for all.
    init(_ part: PartitionDocuments.Part, _ partIndex: Int, after version: UInt64, _ excerpt: JSONExcerpt?) {
        self.part = part
        self.partIndex = partIndex
        self.excerpt = excerpt
        window = Monitor(Window(plannedVersion: version))
    }

    /// The next stretch. There is none behind the last one.
    func next(helpedBy helpers: WorkerPool) -> Stretch {
        while true {
            let turn = window.withLock { window in nextTurn(&window) }
            switch turn {
            case .take(let stretch): return stretch
            case .read(let plan, let needsHelp):
                if needsHelp, !helpers.submit({ [self] in help() }) { window.withLock { $0.hasHelper = false } }
                finish(plan)
            case .wait:
                window.wait { window in window.isFirstRead ? () : nil }
            }
        }
    }

    private func nextTurn(_ window: inout Window) -> Turn {
        plan(&window)
        if let first = window.entries.first, case .read(let stretch) = first.progress {
            window.entries.removeFirst()
            if stretch.lastVersion < first.plan.through, !stretch.isLast {
                let rest = Plan(after: stretch.lastVersion, through: first.plan.through)
                window.entries.insert((rest, .waiting), at: 0)
            }
            return .take(stretch)
        }
        guard let index = window.entries.firstIndex(where: \.progress.isWaiting) else { return .wait }
        window.entries[index].progress = .taken
        let needsHelp = !window.hasHelper && window.entries.contains(where: \.progress.isWaiting)
        if needsHelp { window.hasHelper = true }
        return .read(window.entries[index].plan, needsHelp: needsHelp)
    }

    /// Makes plans as far as the window reaches.
    private func plan(_ window: inout Window) {
        while window.entries.count < Self.windowStretches, !window.isPlanned {
            let after = window.plannedVersion
            var through = after.addingReportingOverflow(UInt64(Self.stretchVersions)).partialValue
            if let candidates = part.candidates {
                let end = min(candidates.firstIndex(after: after) + Self.stretchVersions, candidates.count)
                window.isPlanned = end == candidates.count
                through = window.isPlanned ? .max : candidates[end - 1]
            }
            window.entries.append((Plan(after: after, through: through), .waiting))
            window.plannedVersion = through
        }
    }

    /// Reads stretches until none waits.
    private func help() {
        while true {
            let plan: Plan? = window.withLock { window in
                guard let index = window.entries.firstIndex(where: \.progress.isWaiting) else {
                    window.hasHelper = false
                    return nil
                }
                window.entries[index].progress = .taken
                return window.entries[index].plan
            }
            guard let plan else { return }
            finish(plan)
        }
    }

    private func finish(_ plan: Plan) {
        let stretch = read(plan)
        window.withLock { window in
            guard let index = window.entries.firstIndex(where: { $0.plan.after == plan.after }) else { return }
            window.entries[index].progress = .read(stretch)
            // Where nothing lives for long, the scan has come further than was planned.
            window.plannedVersion = max(window.plannedVersion, min(stretch.lastVersion, .max - 1))
        }
    }

    private func read(_ plan: Plan) -> Stretch {
        var stretch = Stretch(lastVersion: plan.through)
        var byteCount = 0
        func take(_ item: ItemText) -> Bool {
            guard item.version <= plan.through else {
                stretch.lastVersion = item.version - 1
                return false
            }
            guard let document = SourceDocument(item, partIndex: partIndex) else {
                stretch.failure = .unreadableItem
                return false
            }
            stretch.documents.append(document)
            byteCount += item.text.count
            if byteCount >= Self.stretchBytesMax { stretch.lastVersion = item.version }
            return byteCount < Self.stretchBytesMax
        }
        do throws(EngineError) {
            if let candidates = part.candidates {
                let range = candidates.firstIndex(after: plan.after)..<candidates.firstIndex(after: plan.through)
                let isDone = try part.snapshot.scanTexts(part.scope, of: candidates[range], excerpt, take)
                stretch.isLast = isDone && range.upperBound == candidates.count
            } else {
                stretch.isLast = try part.snapshot.scanTexts(part.scope, after: plan.after, excerpt, take)
            }
        } catch {
            stretch.failure = DatabaseError(error)
        }
        return stretch
    }
}
