import OrreryHTTP
import Synchronization

/// Answers that are given again, at most so many bytes of them: those that were not asked for longest go first.
final class AnswerCache: Sendable {
    /// What two calls must have in common to be given the same answer.
    struct Key: Hashable, Sendable {
        /// Of all bytes, made once: a table asks for it often.
        private let hash: Int
        let bytes: [UInt8]

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            var hasher = Hasher()
            // Safe: the bytes are only read, and here.
            unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
            hash = hasher.finalize()
        }

        func hash(into hasher: inout Hasher) { hasher.combine(hash) }
    }

    struct Entry: Sendable {
        let answer: HTTPResponse
        /// Nil for an answer that came from elsewhere than a container.
        let source: CacheTicket.ContainerSource?
        let storedNanoseconds: UInt64
        let endNanoseconds: UInt64

        var byteCount: Int { answer.body.count + answer.headers.byteCount }
    }

    /// An entry's place in the order of use: the numbers of its neighbours, -1 at either end.
    private struct Place {
        var newer = -1
        var older = -1
    }

    private struct State {
        var numbers: [Key: Int] = [:]
        /// By number; nil for a number that is free.
        var entries: [(key: Key, entry: Entry)?] = []
        var places: [Place] = []
        var free: [Int] = []
        var newest = -1
        var oldest = -1
        var byteCount = 0

        mutating func detach(_ number: Int) {
            let place = places[number]
            if place.newer >= 0 { places[place.newer].older = place.older } else { newest = place.older }
            if place.older >= 0 { places[place.older].newer = place.newer } else { oldest = place.newer }
        }

        mutating func attach(_ number: Int) {
            places[number] = Place(older: newest)
            if newest >= 0 { places[newest].newer = number } else { oldest = number }
            newest = number
        }

        mutating func remove(_ number: Int) {
            guard let key = entries[number]?.key else { return }
            numbers[key] = nil
            letGo(number)
        }

        /// Forgets an entry that the table does not name any more.
        private mutating func letGo(_ number: Int) {
            guard let (key, entry) = entries[number] else { return }
            detach(number)
            byteCount -= AnswerCache.weight(key, entry)
            entries[number] = nil
            free.append(number)
        }

        mutating func insert(_ key: Key, _ entry: Entry, bytesMax: Int) {
            let number = free.popLast() ?? entries.count
            if number == entries.count {
                entries.append(nil)
                places.append(Place())
            }
            if let former = numbers.updateValue(number, forKey: key) { letGo(former) }
            entries[number] = (key, entry)
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
            guard let number = state.numbers[key], let entry = state.entries[number]?.entry else { return nil }
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
        key.bytes.count + entry.byteCount + overheadBytes
    }
}
