/// Finds those of many filters that let an event pass, without asking them all.
///
/// Each filter stands in one place, under what narrows it down most: its event types, and among the filters of one type
/// (or of every type) the beginning of its subject or the values of a `StringIn` or `NumberIn`. An event leads to a few
/// of these places, and the filters found there are asked in full; so the index need only never miss one.
public struct FilterIndex: Sendable {
    private let filters: [Filter?]
    private var byType: [[UInt8]: FilterGroup] = [:]
    private var ofEveryType = FilterGroup()

    /// An index over filters, which are known by their positions. Where there is none, every event passes.
    public init(_ filters: [Filter?]) {
        self.filters = filters
        for (position, filter) in filters.enumerated() {
            guard let types = filter?.eventTypes else {
                ofEveryType.insert(filter, at: position)
                continue
            }
            for type in types { byType[type, default: FilterGroup()].insert(filter, at: position) }
        }
    }

    /// The positions, rising, of the filters that let the event pass.
    /// - Parameter undecided: hears of those among them whose condition could not be asked to its end.
    public func matches(
        _ candidate: inout EventCandidate, undecided: (_ position: Int, _ reason: String) -> Void
    ) -> [Int] {
        var matches: [Int] = []
        for position in possibleMatches(&candidate) {
            guard let filter = filters[position] else {
                matches.append(position)
                continue
            }
            if filter.matchesBeyondType(&candidate, undecided: { undecided(position, $0) }) {
                matches.append(position)
            }
        }
        return matches
    }

    /// The filters that are asked about an event, rising.
    func possibleMatches(_ candidate: inout EventCandidate) -> [Int] {
        var positions: [Int] = []
        byType[candidate.type]?.collect(&candidate, into: &positions)
        ofEveryType.collect(&candidate, into: &positions)
        positions.sort()
        // A filter stands more than once where an array holds several of its values.
        if positions.count > 1 {
            var last = 0
            for index in 1..<positions.count where positions[index] != positions[last] {
                last += 1
                positions[last] = positions[index]
            }
            positions.removeLast(positions.count - 1 - last)
        }
        return positions
    }
}

/// Filters of one event type, or of every type.
private struct FilterGroup: Sendable {
    /// How many keys have tables of their values: each costs a look at the event.
    private static let tableCountMax = 16

    private var unconditional: [Int] = []
    private var subjects = SubjectPrefixTable()
    private var tables: [(key: FilterKey, table: FilterValueTable)] = []

    mutating func insert(_ filter: Filter?, at position: Int) {
        guard let filter else { return unconditional.append(position) }
        if subjects.insert(filter.subject.prefix, position) { return }
        for test in filter.tests {
            guard let hashes = test.valueHashes else { continue }
            if let index = tables.firstIndex(where: { $0.key == test.key }) {
                return tables[index].table.insert(hashes, position)
            }
            guard tables.count < Self.tableCountMax else { continue }
            tables.append((test.key, FilterValueTable()))
            return tables[tables.count - 1].table.insert(hashes, position)
        }
        unconditional.append(position)
    }

    func collect(_ candidate: inout EventCandidate, into positions: inout [Int]) {
        positions += unconditional
        if !subjects.isEmpty { subjects.collect(candidate.event.subject ?? "", into: &positions) }
        for (key, table) in tables {
            key.withValueHashes(of: &candidate) { hash in table.collect(hash, into: &positions) }
        }
    }
}

/// Beginnings of subjects by their hashes, at the lengths that there are.
private struct SubjectPrefixTable: Sendable {
    private var positions: [UInt64: [Int]] = [:]
    private var hasLength: [Bool] = []

    var isEmpty: Bool { positions.isEmpty }

    /// Takes a beginning in ASCII, whose case can be folded byte by byte. Returns whether it did.
    mutating func insert(_ prefix: String, _ position: Int) -> Bool {
        guard !prefix.isEmpty, prefix.utf8.allSatisfy({ $0 < 0x80 }) else { return false }
        var hash = FoldedHash()
        for byte in prefix.utf8 { hash.append(byte) }
        let length = prefix.utf8.count
        if hasLength.count <= length { hasLength += Array(repeating: false, count: length + 1 - hasLength.count) }
        hasLength[length] = true
        positions[hash.value, default: []].append(position)
        return true
    }

    func collect(_ subject: String, into found: inout [Int]) {
        var hash = FoldedHash()
        var length = 0
        for byte in subject.utf8 {
            length += 1
            if length >= hasLength.count { return }
            hash.append(byte)
            if hasLength[length], let positions = positions[hash.value] { found += positions }
        }
    }
}

/// Filters by the values of one key.
private struct FilterValueTable: Sendable {
    private var positions: [UInt64: [Int]] = [:]

    mutating func insert(_ hashes: [UInt64], _ position: Int) {
        for hash in Set(hashes) { positions[hash, default: []].append(position) }
    }

    func collect(_ hash: UInt64, into found: inout [Int]) {
        if let positions = positions[hash] { found += positions }
    }
}

/// A hash of bytes without regard to ASCII case (FNV-1a), which can be looked at after each byte. Who makes two texts
/// with the same hash gains a filter that is asked once more.
struct FoldedHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func append(_ byte: UInt8) {
        value = (value ^ UInt64(ASCIICase.lower(byte))) &* 0x0000_0100_0000_01B3
    }

    static func of(_ text: Span<UInt8>) -> UInt64 {
        var hash = FoldedHash()
        for index in text.indices { hash.append(text[index]) }
        return hash.value
    }

    /// Zero has one hash, whatever its sign.
    static func of(_ number: Double) -> UInt64 { (number + 0).bitPattern }
}
