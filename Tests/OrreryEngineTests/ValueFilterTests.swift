@testable import OrreryEngine
import OrreryDocuments
import OrreryKeys
import OrreryLMDB
import Testing

/// What the filters over the values of a run say, and which paths have any.
@Suite struct ValueFilterTests {
    private func path(_ number: Int) -> IndexPathHash { IndexPathHash(seed: UInt64(number)) }

    private func string(_ text: String) -> IndexValue { IndexValue(string: Array(text.utf8)) }

    private func range(_ number: Int, _ value: IndexValue) -> PostingRange { PostingRange(path(number), value...value) }

    /// Writes a run of nothing but postings, each version's by the number of its path.
    private func run(_ values: [[(path: Int, value: IndexValue)]], in scratch: Scratch) throws -> Run {
        var postings: [[UInt8]: [UInt64]] = [:]
        var counts: [UInt64: Int] = [:]
        for (index, values) in values.enumerated() {
            for (number, value) in values {
                postings[PostingKey.bytes(path(number), value), default: []].append(UInt64(index) + 1)
                counts[path(number).value, default: 0] += 1
            }
        }
        var rest = postings.sorted { $0.key.lexicographicallyPrecedes($1.key) }[...]
        try RunWriter.write(
            path: scratch.file("run-1.lmdb"), firstVersion: 1, lastVersion: UInt64(values.count),
            capacity: values.count, selection: .all, pace: .none, hashes: { () throws(EngineError) in nil },
            keys: { () throws(EngineError) in nil },
            postings: { (list) throws(EngineError) in
                guard let (key, versions) = rest.popFirst() else { return false }
                (list.key, list.isNewKey, list.versions) = (key, true, versions)
                return true
            }, postingCounts: counts, expiries: { () throws(EngineError) in nil })
        return try Run(directory: scratch.path, number: 1, fileName: "run-1.lmdb")
    }

    private func versions(_ run: Run, _ range: PostingRange) throws -> [UInt64] {
        #expect(try run.count(range, limit: .max) == run.versions(range, after: 0).count)
        return try run.versions(range, after: 0)
    }

    @Test(arguments: [64, 5000, 20_000]) func mostlyUniqueValuesAreKnown(_ count: Int) throws {
        let scratch = try Scratch()
        let run = try run(
            (0..<count).map {
                [(0, string("all")), (1, string("unique \($0)")), (2, IndexValue(number: Double($0) / 8))]
            }, in: scratch)
        for number in 0..<count {
            #expect(try versions(run, range(1, string("unique \(number)"))) == [UInt64(number) + 1])
            #expect(try versions(run, range(2, IndexValue(number: Double(number) / 8))) == [UInt64(number) + 1])
        }
        // Of a thousand values that it lacks some ten are taken for possible; of a path without a filter all are.
        let absent = (0..<1000).map { string("absent \($0)") }
        #expect(absent.count { run.filters.mayContain(range(1, $0)) } < 50)
        #expect(absent.count { run.filters.mayContain(range(2, $0)) } < 50)
        #expect(absent.allSatisfy { run.filters.mayContain(range(0, $0)) && run.filters.mayContain(range(3, $0)) })
        #expect(try absent.allSatisfy { try versions(run, range(1, $0)).isEmpty })
        #expect(try versions(run, range(0, string("all"))).count == count)
        // Several values are never looked for in a filter.
        let all = PostingRange(path(1), string("u")...string("v"))
        #expect(try versions(run, all).count == count)
    }

    /// Of the values one in five may be repeated, and there must be 64.
    @Test(arguments: [(1000, 800, true), (1000, 799, false), (64, 64, true), (63, 63, false)])
    func onlyMostlyUniquePathsHaveFilters(_ count: Int, _ valueCount: Int, _ isFiltered: Bool) throws {
        let scratch = try Scratch()
        let run = try run((0..<count).map { [(1, string("\($0 % valueCount)"))] }, in: scratch)
        #expect((0..<100).contains { !run.filters.mayContain(range(1, string("absent \($0)"))) } == isFiltered)
        for number in 0..<valueCount { #expect(run.filters.mayContain(range(1, string("\(number)")))) }
    }

    /// Strings that share their first 240 bytes share a place, and an array's elements a path.
    @Test func longStringsAndElementsAreKnown() throws {
        let scratch = try Scratch()
        func long(_ number: Int) -> String { "\(number) " + String(repeating: "long ", count: 100) }
        let run = try run(
            (0..<300).map { number in
                [(1, string(long(number)))] + (0..<5).map { (2, string("element \(number * 5 + $0)")) }
            }, in: scratch)
        for number in 0..<300 {
            #expect(try versions(run, range(1, string(long(number)))) == [UInt64(number) + 1])
            #expect(try versions(run, range(1, string(long(number) + "er"))) == [UInt64(number) + 1])
        }
        for number in 0..<1500 {
            #expect(try versions(run, range(2, string("element \(number)"))) == [UInt64(number / 5) + 1])
        }
        #expect((0..<100).contains { !run.filters.mayContain(range(1, string(long($0 + 1000)))) })
        #expect((0..<100).contains { !run.filters.mayContain(range(2, string("element \($0 + 5000)"))) })
    }

    /// What several runs repeat of each other is known only when they are merged: the filter of such a path is given
    /// up, and none is begun for one that repeats its values already.
    @Test func runsToMergeSayWhatMayHaveAFilter() {
        func statistics(_ counts: [(UInt64, UInt64, UInt64)]) throws -> RunStatistics {
            try #require(RunStatistics(words: counts.flatMap { [$0.0, $0.1, $0.2] }))
        }
        #expect(throws: Never.self) {
            let counts = ValueFilters.postingCounts(ofMerged: [
                try statistics([(1, 100, 100), (2, 100, 60), (3, 10, 10), (4, .max >> 17, .max >> 17)]),
                try statistics([(1, 50, 30), (2, 100, 100), (3, 40, 40)]),
            ])
            #expect(counts == [1: 150, 2: 200, 4: Int(UInt64.max >> 17)])
        }
    }

    // MARK: The file

    /// The bytes of Docs/FileFormat.md, "Runs", made from its text alone by another program.
    @Test func aFilterIsAsWritten() {
        let path = IndexPathHash(seed: 0x0102_0304_0506_0708)
        var rest = (0..<64).map { number in
            PostingKey.bytes(path, number == 7 ? IndexValue(JSONValue.null) : string("value \(number)"))
        }
        rest.sort { $0.lexicographicallyPrecedes($1) }
        let hashes = rest.map { ValueFilters.hash(ofKey: $0.span) }
        #expect(hashes[0] == 0x98d7_e5ec_8ca5_68de && hashes[1] == 0xc767_862b_172e_e657)
        var builder = ValueFilters.Builder()
        builder.begin(rest[0], expecting: 64)
        for key in rest { builder.add(PostingList(key: key, isNewKey: true, versions: [1])) }
        let filter = builder.end()
        let hexadecimal = (filter?.bytes ?? []).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(
            hexadecimal == "04291ceac81c81064180212c8040b47a0201790421401451aa15140018e19432aa15bcc05c012400a8068101"
                + "1640aa64215e00e0a10420988200441c47c4e40509050127a80223888c88ac5c9e048616352010a204003c97613066"
                + "6540e10c6cb4481cc1040e0250063aba0144012880c38c124594a66940221a081020282405")
    }

    /// Copies a run without its filters, or with other entries in their place.
    private func copy(_ scratch: Scratch, filters: [(key: [UInt8], value: [UInt8])]?) throws {
        let source = try Environment(
            path: scratch.file("run-1.lmdb"), mapBytes: 1 << 16, databasesMax: 6, options: [.readOnly, .noLock])
        let target = try Environment(path: scratch.file("run-2.lmdb"), mapBytes: 1 << 24, databasesMax: 6)
        for name in [Run.hashesName, Run.keysName, Run.postingsName, Run.expiriesName, Run.metaName] {
            let table = try #require(try source.existingDatabase(name))
            let copy = try target.openDatabase(name, options: name == Run.postingsName ? .duplicates : [])
            let reader = try source.read()
            var writer = try target.write()
            var cursor = try reader.cursor(table)
            while try cursor.next() { try writer.put(copy, key: cursor.key, value: cursor.value) }
            try writer.commit()
        }
        guard let filters else { return }
        let table = try target.openDatabase(Run.filtersName)
        var writer = try target.write()
        for (key, value) in filters { try writer.put(table, key: key.span, value: value.span) }
        try writer.commit()
    }

    @Test func runsFromBeforeThereWereFiltersAreRead() throws {
        let scratch = try Scratch()
        _ = try run((0..<300).map { [(1, string("unique \($0)"))] }, in: scratch)
        try copy(scratch, filters: nil)
        let old = try Run(directory: scratch.path, number: 2, fileName: "run-2.lmdb")
        #expect((0..<100).allSatisfy { old.filters.mayContain(range(1, string("absent \($0)"))) })
        for number in 0..<300 {
            #expect(try versions(old, range(1, string("unique \(number)"))) == [UInt64(number) + 1])
        }
    }

    @Test(arguments: [(8, 0), (8, 63), (8, 65), (8, 5000), (7, 64), (9, 64), (1, 64)])
    func filtersThatCannotBeAreDamage(_ keyBytes: Int, _ valueBytes: Int) throws {
        let scratch = try Scratch()
        _ = try run((0..<300).map { [(1, string("unique \($0)"))] }, in: scratch)
        let (key, value) = ([UInt8](repeating: 1, count: keyBytes), [UInt8](repeating: 0xFF, count: valueBytes))
        try copy(scratch, filters: [([UInt8](repeating: 0, count: 8), [UInt8](repeating: 0, count: 64)), (key, value)])
        let error = #expect(throws: EngineError.self) {
            _ = try Run(directory: scratch.path, number: 2, fileName: "run-2.lmdb")
        }
        let isDamage = if case .damaged? = error { true } else { false }
        #expect(isDamage)
    }
}
