import OrreryHTTP
import Synchronization

/// Answers that are given again, at most so many bytes of them: those that were not asked for longest go first.
final class AnswerCache: Sendable {
    /// What two calls must have in common to be given the same answer, in bytes; see ``CacheTicket``.
    typealias Key = [UInt8]

    struct Entry: Sendable {
        let answer: HTTPResponse
        /// Nil for an answer that came from elsewhere than a container.
        let source: CacheTicket.ContainerSource?
        let storedNanoseconds: UInt64
        let endNanoseconds: UInt64

        var byteCount: Int { answer.body.count + answer.headers.byteCount }
    }

    /// An entry in the order of use, by the numbers of its neighbours; -1 at either end.
    private struct Node {
        var key: Key
        var entry: Entry
        var newer = -1
        var older = -1
    }

    private struct State {
        var numbers: [Key: Int] = [:]
        var nodes: [Node?] = []
        var free: [Int] = []
        var newest = -1
        var oldest = -1
        var byteCount = 0

        mutating func detach(_ number: Int) {
            guard let node = nodes[number] else { return }
            if node.newer >= 0 { nodes[node.newer]?.older = node.older } else { newest = node.older }
            if node.older >= 0 { nodes[node.older]?.newer = node.newer } else { oldest = node.newer }
        }

        mutating func attach(_ number: Int) {
            nodes[number]?.newer = -1
            nodes[number]?.older = newest
            if newest >= 0 { nodes[newest]?.newer = number } else { oldest = number }
            newest = number
        }

        mutating func remove(_ number: Int) {
            guard let node = nodes[number] else { return }
            detach(number)
            byteCount -= AnswerCache.weight(node.key, node.entry)
            numbers[node.key] = nil
            nodes[number] = nil
            free.append(number)
        }

        mutating func insert(_ key: Key, _ entry: Entry, bytesMax: Int) {
            if let number = numbers[key] { remove(number) }
            let number = free.popLast() ?? nodes.count
            if number == nodes.count { nodes.append(nil) }
            nodes[number] = Node(key: key, entry: entry)
            numbers[key] = number
            attach(number)
            byteCount += AnswerCache.weight(key, entry)
            while byteCount > bytesMax, oldest >= 0 { remove(oldest) }
        }
    }

    /// What a node, its place in the table and the headers of arrays take beside the bytes themselves.
    private static let overheadBytes = 256

    private let bytesMax: Int
    private let state = Mutex(State())

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// Longer answers are not kept: one must not drive out all others.
    var entryBytesMax: Int { min(1 << 20, bytesMax / 16) }

    var byteCount: Int { state.withLock { $0.byteCount } }

    /// The answer of a key, where there is one whose time is not over.
    func entry(_ key: Key, at now: UInt64) -> Entry? {
        state.withLock { state in
            guard let number = state.numbers[key], let entry = state.nodes[number]?.entry else { return nil }
            guard now < entry.endNanoseconds else {
                state.remove(number)
                return nil
            }
            state.detach(number)
            state.attach(number)
            return entry
        }
    }

    func store(_ key: Key, _ entry: Entry) {
        state.withLock { $0.insert(key, entry, bytesMax: bytesMax) }
    }

    func remove(_ key: Key) {
        state.withLock { state in
            if let number = state.numbers[key] { state.remove(number) }
        }
    }

    private static func weight(_ key: Key, _ entry: Entry) -> Int {
        // The key stands in its node and in the table, which share its bytes.
        key.count + entry.byteCount + overheadBytes
    }
}
