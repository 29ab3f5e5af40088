import Foundation
@testable import OrreryEngine
import OrreryKeys
import OrreryLMDB
import Testing

/// What a run keeps is what was put into it, however its tables cut it into pieces.
@Suite struct RunTests {
    @Test func chunksHoldWhatTheyWereGiven() {
        var generator = SeededGenerator(seed: 3)
        for stepMax in [1, 2, 100, 127, 128, 129, 1 << 20, UInt64.max >> 12] {
            var versions: [UInt64] = [UInt64.random(in: 1...1000, using: &generator)]
            for index in 0..<2000 {
                versions.append(versions[index] + UInt64.random(in: 1...stepMax, using: &generator))
            }
            var found: [UInt64] = []
            var later: [UInt64] = []
            var chunk = VersionChunk()
            var counts = 0
            func take() {
                chunk.close()
                #expect(chunk.bytes.count <= 511)
                counts += VersionChunk.count(stored: chunk.bytes.span)
                VersionChunk.read(chunk.bytes.span, into: &found)
                VersionChunk.read(chunk.bytes.span, after: versions[777], into: &later)
                chunk.removeAll()
            }
            for version in versions where !chunk.append(version) {
                take()
                let isTaken = chunk.append(version)
                #expect(isTaken)
            }
            take()
            #expect(found == versions, "steps up to \(stepMax)")
            #expect(counts == versions.count)
            #expect(later == Array(versions[778...]))
        }
    }

    @Test func aChunkOfOneVersionIsThatVersion() {
        var chunk = VersionChunk()
        _ = chunk.append(0x0102_0304_0506_0708)
        chunk.close()
        #expect(chunk.bytes == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(VersionChunk.count(stored: chunk.bytes.span) == 1)
    }

    /// Damaged pages must not end the process.
    @Test func brokenChunksAreReadAsFarAsTheyGo() {
        for bytes: [UInt8] in [[], [1, 2, 3], [0, 0, 0, 0, 0, 0, 0, 9, 2], [0, 0, 0, 0, 0, 0, 0, 9, 2, 0, 0x80]] {
            var found: [UInt64] = []
            VersionChunk.read(bytes.span, into: &found)
            #expect(found.count <= 2)
            _ = VersionChunk.count(stored: bytes.span)
        }
        var found: [UInt64] = []
        VersionChunk.read(([0, 0, 0, 0, 0, 0, 0, 9, 2, 0] + [UInt8](repeating: 0xFF, count: 40)).span, into: &found)
        #expect(found.first == 9)
    }

    @Test(arguments: [1, 2, 100, 2000]) func aSetForMergesHasTheSameVersions(_ step: UInt64) {
        let set = VersionSet(stride(from: 60_000, to: 200_000, by: Int(step)).map { UInt64($0) })
        let searched = set.withFastSearch
        #expect(searched.versions == set.versions)
        for version in UInt64(59_000)..<201_000 where searched.contains(version) != set.contains(version) {
            Issue.record("\(version)")
        }
    }

    // MARK: A whole run

    private struct Content {
        var hashes: [DeltaBatch.HashEntry] = []
        var keys: [DeltaBatch.KeyEntry] = []
        var expiries: [ExpiryEntry] = []
        var postings: [(key: [UInt8], versions: [UInt64])] = []
    }

    private func path(_ number: Int) -> IndexPathHash { IndexPathHash(seed: UInt64(number)) }

    /// Many versions of few keys, few of many, and values of which one begins another.
    private func content(_ count: Int) -> Content {
        var generator = SeededGenerator(seed: UInt64(count))
        var content = Content()
        var postings: [[UInt8]: [UInt64]] = [:]
        for version in UInt64(1)...UInt64(count) {
            let hash = UInt64.random(in: 0...UInt64.max, using: &generator)
            content.hashes.append(DeltaBatch.HashEntry(hash: hash, version: version))
            let order = KeyOrder(high: version % 3 == 0 ? version : 7, low: 0)
            content.keys.append(DeltaBatch.KeyEntry(order: order, version: version))
            content.expiries.append(ExpiryEntry(second: 1000 + version / 700, version: version))
            let texts = ["all", "a" + String(repeating: "b", count: Int(version % 40)), "unique-\(version)"]
            for (number, text) in texts.enumerated() {
                let key = PostingKey.bytes(path(number), IndexValue(string: Array(text.utf8)))
                postings[key, default: []].append(version)
            }
        }
        content.hashes.sort()
        content.keys.sort()
        content.expiries.sort()
        content.postings = postings.map { ($0.key, $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return content
    }

    private func write(_ content: Content, to scratch: Scratch) throws -> Run {
        var (hashes, keys, expiries) = (
            content.hashes.makeIterator(), content.keys.makeIterator(), content.expiries.makeIterator())
        var posting = 0
        var offset = 0
        try RunWriter.write(
            path: scratch.file("run-1.lmdb"), firstVersion: 1, lastVersion: UInt64(content.hashes.count),
            capacity: content.hashes.count, selection: .none, pace: .none,
            hashes: { () throws(EngineError) in hashes.next() }, keys: { () throws(EngineError) in keys.next() },
            postings: { (list) throws(EngineError) in
                guard posting < content.postings.count else { return false }
                let (key, versions) = content.postings[posting]
                // A key's versions in several lists, as a merge gives them.
                let end = min(offset + 1000, versions.count)
                (list.key, list.isNewKey, list.versions) = (key, offset == 0, Array(versions[offset..<end]))
                (posting, offset) = end == versions.count ? (posting + 1, 0) : (posting, end)
                return true
            }, postingCounts: [:], expiries: { () throws(EngineError) in expiries.next() })
        return try Run(directory: scratch.path, number: 1, fileName: "run-1.lmdb")
    }

    /// Whether this process has a file open, as it does for as long as it has it mapped.
    private func isOpen(_ path: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").contains { number in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + number)
            return target?.hasPrefix(path) ?? false
        }
    }

    /// To end the map of a large file takes milliseconds, and whoever lets go last may be a committer.
    @Test func whoeverLetsGoOfARunDoesNotCloseIt() throws {
        let scratch = try Scratch()
        let path = scratch.file("run-1.lmdb")
        let mayGoOn = DispatchSemaphore(value: 0)
        // Also where this ends early: all tests share the thread.
        defer { mayGoOn.signal() }
        var run: Run? = try write(content(300), to: scratch)
        FileRemoval.disposal.submit { mayGoOn.wait() }
        run?.removeWhenUnused()
        run = nil
        #expect(run == nil && !FileManager.default.fileExists(atPath: path))
        #expect(try isOpen(path))
        mayGoOn.signal()
        #expect(try eventually { try !isOpen(path) })
    }

    /// A read behind a file's end would end the process.
    @Test func theBytesStayUntilTheLastReaderGoes() throws {
        let scratch = try Scratch()
        let content = content(5000)
        var run: Run? = try write(content, to: scratch)
        var reader = try run?.postingReader()
        run?.removeWhenUnused()
        run = nil
        let isIdle = DispatchSemaphore(value: 0)
        FileRemoval.disposal.submit { isIdle.signal() }
        isIdle.wait()
        var keyCount = 0
        try reader?.start()
        while let current = reader, !current.isAtEnd {
            keyCount += 1
            try current.nextKey()
        }
        #expect(run == nil && keyCount == content.postings.count)
        reader = nil
        #expect(try eventually { try !isOpen(scratch.file("run-1.lmdb")) })
    }

    /// Pages that others changed must not end the process: neither who reads them, nor who writes them as they stand.
    @Test(arguments: [1, 7, PostingKey.valueStart - 1]) func entriesThatCannotBeAreReadOver(keyBytes: Int) throws {
        let scratch = try Scratch()
        var content = content(300)
        content.hashes[7] = DeltaBatch.HashEntry(hash: content.hashes[7].hash, version: .max)
        content.keys[299] = DeltaBatch.KeyEntry(order: content.keys[299].order, version: .max)
        content.expiries[299] = ExpiryEntry(second: content.expiries[299].second, version: .max)
        let short = Array(PostingKey.bytes(path(0), .first).prefix(keyBytes))
        content.postings = [(short, [1])]
        let run = try write(content, to: scratch)
        #expect(try run.hashEntries(after: content.hashes[7], limit: .max) == Array(content.hashes[8...]))
        #expect(try run.keyEntries(after: content.keys[299], limit: .max).isEmpty)
        #expect(try run.expiryEntries(after: content.expiries[299], limit: .max).isEmpty)
        let reader = try run.postingReader()
        try reader.start()
        #expect(reader.key == short && reader.walkedPlace(of: path(0)) == nil)
    }

    /// Postings that go back are not merged: within a chunk, and where a chunk ends with a list, the ninth of 492.
    @Test(arguments: [10, 9 * 492 - 1]) func postingsInNoOrderAreRefused(_ changed: Int) throws {
        let scratch = try Scratch()
        var content = content(9000)
        let place = try #require(content.postings.firstIndex { $0.versions.count == 9000 })
        content.postings[place].versions[changed] = 8999
        let run = try write(content, to: scratch)
        var postings = try MergedPostings([View.FlushedRun(run: run, superseded: VersionSet(), liveCount: 9000)])
        var list = PostingList()
        let error = try #require(throws: EngineError.self) { while try postings.next(&list) {} }
        #expect(error == .damaged("a run's postings name versions that it cannot have"))
    }

    /// A merge reads so many entries at a time, and on behind the last of them: that would leave some out, or come to
    /// no end.
    @Test(arguments: [7, 8191, 16_000]) func entriesInNoOrderAreRefused(_ changed: Int) throws {
        let scratch = try Scratch()
        _ = try write(content(20_000), to: scratch)
        let run = try changing(scratch) { name, number, bytes in
            guard name == Run.hashesName else { return }
            let place = changed * 16 - number * EntryBlocks<DeltaBatch.HashEntry>.blockBytesMax
            guard bytes.indices.contains(place) else { return }
            for index in place..<(place + 16) { bytes[index] = 0 }
        }
        var entries = MergedEntries([source(run, Run.hashEntries)])
        var count = 0
        #expect(throws: EngineError.self) {
            while try entries.next() != nil, count <= 20_000 { count += 1 }
        }
    }

    /// Whatever stands in LMDB's values, reading and merging them comes to an end.
    @Test(arguments: 1...30 as ClosedRange<UInt64>) func changedBytesEndNothing(_ seed: UInt64) throws {
        let scratch = try Scratch()
        let content = content(2000)
        _ = try write(content, to: scratch)
        var generator = SeededGenerator(seed: seed)
        let changedPercent = [2, 20, 90][Int(seed % 3)]
        let run = try changing(scratch) { _, _, bytes in
            for index in bytes.indices where Int.random(in: 0..<(changedPercent * 100), using: &generator) < 100 {
                bytes[index] = [0, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)]
                    .randomElement(using: &generator) ?? 0
            }
        }
        let all = KeyOrder(high: 0, low: 0)...KeyOrder(high: .max, low: .max)
        for entry in content.hashes.prefix(200) { _ = try run.versions(ofHash: entry.hash) }
        var found: [UInt64] = []
        try run.versions(within: all, after: 0, into: &found)
        for lower in [0, 7, 1000] as [UInt64] {
            let range = KeyOrder(high: lower, low: 0)...KeyOrder(high: lower + 500, low: .max)
            #expect(try run.versionCount(within: range, limit: .max) >= 0, "seed \(seed)")
        }
        _ = try run.expiryEntries(through: .max, limit: .max)
        for number in 0..<3 {
            let all = PostingRange(path(number), .first...(.last))
            #expect(try run.count(all, limit: .max) >= 0, "seed \(seed)")
            _ = try run.versions(all, after: 0, limit: .max, into: &found)
            _ = try run.versions(lacking: path(number))
        }
        let reader = try run.postingReader()
        for isDescending in [false, true] {
            try isDescending ? reader.start(before: [UInt8](repeating: 0xFF, count: 30)) : reader.start()
            var keyCount = 0
            while !reader.isAtEnd, keyCount <= content.postings.count {
                #expect(reader.versionCount >= 0, "seed \(seed)")
                try reader.takeKey(isDescending: isDescending) { found.append($0) }
                keyCount += 1
            }
            #expect(reader.isAtEnd, "seed \(seed)")
        }
        var (hashes, keys, expiries) = (
            MergedEntries([source(run, Run.hashEntries)]), MergedEntries([source(run, Run.keyEntries)]),
            MergedEntries([source(run, Run.expiryEntries)]))
        // Refused, or written as it stands.
        try? RunWriter.write(
            path: scratch.file("run-2.lmdb"), firstVersion: 1, lastVersion: 2000, capacity: 2000, selection: .none,
            pace: .none,
            hashes: { () throws(EngineError) in try hashes.next() },
            keys: { () throws(EngineError) in try keys.next() }, postings: { _ in false },
            postingCounts: [:], expiries: { () throws(EngineError) in try expiries.next() })
    }

    private func source<Entry>(
        _ run: Run, _ read: @escaping (Run) -> (Entry?, Int) throws(EngineError) -> [Entry]
    ) -> MergedEntries<Entry>.Source {
        MergedEntries.Source(run: View.FlushedRun(run: run, superseded: VersionSet(), liveCount: 0), read: read)
    }

    /// Changes the values of a run's tables in its file, under the keys that they have, and opens it.
    /// - Parameter body: is given each table's name, the value's number in it, and the value.
    private func changing(_ scratch: Scratch, _ body: (String, Int, inout [UInt8]) -> Void) throws -> Run {
        let environment = try Environment(
            path: scratch.file("run-1.lmdb"), mapBytes: 1 << 28, databasesMax: 6, options: [.noLock])
        for name in [Run.hashesName, Run.keysName, Run.postingsName, Run.expiriesName] {
            let table = try environment.openDatabase(name, options: name == Run.postingsName ? .duplicates : [])
            var entries: [(key: [UInt8], value: [UInt8])] = []
            do {
                let transaction = try environment.read()
                var cursor = try transaction.cursor(table)
                var more = try cursor.first()
                while more {
                    entries.append(([UInt8](copying: cursor.key), [UInt8](copying: cursor.value)))
                    more = try cursor.next()
                }
            }
            var transaction = try environment.write()
            for entry in entries { try transaction.remove(table, key: entry.key.span) }
            for (number, entry) in entries.enumerated() {
                var value = entry.value
                body(name, number, &value)
                try transaction.put(table, key: entry.key.span, value: value.span)
            }
            try transaction.commit()
        }
        return try Run(directory: scratch.path, number: 1, fileName: "run-1.lmdb")
    }

    @Test(arguments: [1, 169, 170, 171, 255, 256, 5000]) func aRunGivesWhatItWasGiven(_ count: Int) throws {
        let scratch = try Scratch()
        let content = content(count)
        let run = try write(content, to: scratch)
        #expect(run.entryCount == count)
        for entry in content.hashes { #expect(try run.versions(ofHash: entry.hash) == [entry.version]) }
        #expect(try run.hashEntries(after: nil, limit: .max) == content.hashes)
        #expect(try run.keyEntries(after: nil, limit: .max) == content.keys)
        #expect(try run.expiryEntries(after: nil, limit: .max) == content.expiries)
        let middle = content.keys[count / 2]
        #expect(try run.keyEntries(after: middle, limit: 100) == Array(content.keys[(count / 2 + 1)...].prefix(100)))
        #expect(
            try run.expiryEntries(through: 1001, limit: 1000)
                == Array(content.expiries.prefix { $0.second <= 1001 }.prefix(1000)))
    }

    @Test func rangesOfKeysAreFoundAndCounted() throws {
        let scratch = try Scratch()
        let content = content(5000)
        let run = try write(content, to: scratch)
        for (lower, upper) in [(0, 6), (7, 7), (8, 4000), (0, 9000), (4999, 9000), (6000, 9000)] as [(UInt64, UInt64)] {
            let range = KeyOrder(high: lower, low: 0)...KeyOrder(high: upper, low: .max)
            let wanted = content.keys.filter { range.contains($0.order) }
            var found: [UInt64] = []
            try run.versions(within: range, after: 0, into: &found)
            #expect(found == wanted.map(\.version))
            found = []
            try run.versions(within: range, after: 2500, into: &found)
            #expect(found == wanted.map(\.version).filter { $0 > 2500 })
            #expect(try run.versionCount(within: range, limit: .max) == wanted.count)
            #expect(try run.versionCount(within: range, limit: 300) >= min(300, wanted.count))
        }
    }

    @Test func postingsAreReadBothWaysAndCounted() throws {
        let scratch = try Scratch()
        let content = content(5000)
        let run = try write(content, to: scratch)
        let reader = try run.postingReader()
        try reader.start()
        for (key, versions) in content.postings {
            #expect(reader.key == key)
            #expect((versions.count < 600) == (reader.versionCount < 600))
            var found: [UInt64] = []
            try reader.takeKey(isDescending: false) { found.append($0) }
            #expect(found == versions)
        }
        #expect(reader.isAtEnd)
        try reader.start(before: [0xFF] + [UInt8](repeating: 0xFF, count: 20))
        for (key, versions) in content.postings.reversed() {
            #expect(reader.key == key)
            var found: [UInt64] = []
            try reader.takeKey(isDescending: true) { found.append($0) }
            #expect(found == versions)
        }
        #expect(reader.isAtEnd)
        for number in 0..<3 {
            let all = IndexValue.first...IndexValue.last
            #expect(try run.count(PostingRange(path(number), all), limit: .max) == 5000)
            var found: [UInt64] = []
            #expect(try run.versions(PostingRange(path(number), all), after: 4000, limit: .max, into: &found))
            #expect(found.sorted() == Array(4001...5000))
            #expect(run.statistics[path(number)]?.postingCount == 5000)
        }
        #expect(run.statistics[path(0)]?.valueCount == 1)
        #expect(run.statistics[path(1)]?.valueCount == 40)
    }

    /// The bytes of Docs/FileFormat.md, "Runs", made from its text by hand.
    @Test func aChunkIsAsWritten() {
        var chunk = VersionChunk()
        for version: UInt64 in [5, 6, 134, 20_000] { _ = chunk.append(version) }
        chunk.close()
        #expect(chunk.bytes == [0, 0, 0, 0, 0, 0, 0, 5, 4, 0, 0x01, 0x80, 0x01, 0x9A, 0x9B, 0x01])
    }
}
