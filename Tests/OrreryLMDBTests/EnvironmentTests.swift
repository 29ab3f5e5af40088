import Foundation
import OrreryLMDB
import Synchronization
import Testing

@Suite struct EnvironmentTests {
    /// A path in a folder of its own, removed with the test's value.
    final class Scratch {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lmdb-\(UUID().uuidString)")
        var path: String { folder.appendingPathComponent("data.mdb").path }
        init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: folder) }
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func text(_ span: Span<UInt8>) -> String {
        String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }

    @Test func aCommitIsSeenByLaterReadersOnly() throws {
        let scratch = try Scratch()
        let environment = try Environment(path: scratch.path, mapBytes: 1 << 20, databasesMax: 2)
        let database = try environment.openDatabase("records")
        let before = try environment.read()
        var writer = try environment.write()
        try writer.put(database, key: bytes("a").span, value: bytes("1").span)
        try writer.commit()
        let after = try environment.read()
        let wasThere = try before.value(database, bytes("a").span) != nil
        #expect(!wasThere)
        if let found = try after.value(database, bytes("a").span) {
            #expect(text(found) == "1")
        } else {
            Issue.record("the committed value is missing")
        }
    }

    /// What is appended to stays at hand between puts, and anything else may move it.
    @Test func appendsStandBesideOtherChanges() throws {
        let scratch = try Scratch()
        let environment = try Environment(path: scratch.path, mapBytes: 1 << 24, databasesMax: 2)
        let databases = [
            try environment.openDatabase("records"), try environment.openDatabase("others", options: .duplicates),
        ]
        func key(_ number: Int) -> [UInt8] { bytes(String(100_000 + number)) }
        var writer = try environment.write()
        for number in 0..<5000 {
            try writer.put(databases[0], key: key(4 * number).span, value: key(number).span, mode: .append)
            if number % 7 == 0 {
                try writer.put(databases[1], key: key(number).span, value: key(0).span, mode: .append)
                try writer.put(databases[1], key: key(number).span, value: key(1).span, mode: .appendDuplicate)
            }
            switch number % 50 {
            case 10: try writer.put(databases[0], key: key(4 * number + 1).span, value: key(0).span)
            case 20: try writer.put(databases[0], key: key(2 * number + 3).span, value: key(0).span, mode: .insert)
            case 30: try writer.remove(databases[0], key: key(4 * number).span)
            case 40:
                #expect(throws: LMDBError.self) {
                    try writer.put(databases[0], key: key(number).span, value: key(0).span, mode: .append)
                }
            default: break
            }
        }
        try writer.commit()
        let transaction = try environment.read()
        #expect(try transaction.count(databases[0]) == 5000 + 100)
        #expect(try transaction.count(databases[1]) == 2 * 715)
        var cursor = try transaction.cursor(databases[0])
        var last: [UInt8] = []
        var more = try cursor.first()
        while more {
            let next = bytes(text(cursor.key))
            #expect(last.lexicographicallyPrecedes(next))
            last = next
            more = try cursor.next()
        }
    }

    @Test func aMappedValueOutlivesItsTransactionAndHoldsTheFile() throws {
        let scratch = try Scratch()
        let long = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        do {
            let environment = try Environment(path: scratch.path, mapBytes: 1 << 20, databasesMax: 2)
            let database = try environment.openDatabase("records")
            var writer = try environment.write()
            try writer.put(database, key: bytes("long").span, value: long.span)
            try writer.commit()
            // A page that is written again may be another's by then.
            #expect(throws: LMDBError.self) { try environment.mappedValue(database, bytes("long").span) }
        }
        var mapped: MappedBytes?
        do {
            let environment = try Environment(
                path: scratch.path, mapBytes: 1 << 16, databasesMax: 2, options: [.readOnly, .noLock])
            let database = try #require(try environment.existingDatabase("records"))
            mapped = try environment.mappedValue(database, bytes("long").span)
            #expect(try environment.mappedValue(database, bytes("short").span) == nil)
        }
        #expect(mapped?.count == long.count)
        #expect(mapped?.withSpan { span in span.indices.map { span[$0] } } == long)
    }

    @Test func theOwnerSaysWhoClosesTheFile() throws {
        let scratch = try Scratch()
        let closings = Mutex<[@Sendable () -> Void]>([])
        do {
            _ = try Environment(path: scratch.path, mapBytes: 1 << 20, databasesMax: 1) { close in
                closings.withLock { $0.append(close) }
            }
        }
        #expect(try isOpen(scratch.path))
        let due = closings.withLock { $0 }
        #expect(due.count == 1)
        for close in due { close() }
        #expect(try !isOpen(scratch.path))
    }

    /// Whether this process has a file open.
    private func isOpen(_ path: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").contains { number in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + number)
            return target?.hasPrefix(path) ?? false
        }
    }

    @Test func anUncommittedChangeIsUndone() throws {
        let scratch = try Scratch()
        let environment = try Environment(path: scratch.path, mapBytes: 1 << 20, databasesMax: 2)
        let database = try environment.openDatabase("records")
        do {
            var writer = try environment.write()
            try writer.put(database, key: bytes("a").span, value: bytes("1").span)
        }
        let reader = try environment.read()
        let count = try reader.count(database)
        #expect(count == 0)
    }

    @Test func insertRefusesAKeyThatIsThere() throws {
        let scratch = try Scratch()
        let environment = try Environment(path: scratch.path, mapBytes: 1 << 20, databasesMax: 2)
        let database = try environment.openDatabase("records")
        var writer = try environment.write()
        try writer.put(database, key: bytes("a").span, value: bytes("1").span, mode: .insert)
        do {
            try writer.put(database, key: bytes("a").span, value: bytes("2").span, mode: .insert)
            Issue.record("a second insert went through")
        } catch {
            #expect(error.kind == .keyExists)
        }
    }

    @Test func aFullMapIsAnErrorOfItsOwn() throws {
        let scratch = try Scratch()
        let environment = try Environment(path: scratch.path, mapBytes: 1 << 16, databasesMax: 1)
        let database = try environment.openDatabase("records")
        var writer = try environment.write()
        do {
            for number in 0..<100 {
                try writer.put(
                    database, key: bytes("\(number)").span, value: [UInt8](repeating: 7, count: 4000).span)
            }
            Issue.record("400 KB went into a map of 64 KB")
        } catch {
            #expect(error.kind == .mapFull)
        }
    }

    @Test func cursorsWalkKeysInOrderAndEachOnesValues() throws {
        let scratch = try Scratch()
        let environment = try Environment(path: scratch.path, mapBytes: 1 << 24, databasesMax: 2)
        let database = try environment.openDatabase("postings", options: .duplicates)
        var writer = try environment.write()
        for number in 0..<2000 {
            let value = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
            try writer.put(
                database, key: bytes("path").span, value: value.span, mode: number == 0 ? .append : .appendDuplicate)
        }
        try writer.put(database, key: bytes("zzz").span, value: bytes("last").span, mode: .append)
        try writer.commit()

        let reader = try environment.read()
        var cursor = try reader.cursor(database)
        #expect(try cursor.seek(bytes("p").span))
        for number in 0..<2000 {
            #expect(text(cursor.key) == "path")
            #expect(cursor.value.count == 8)
            #expect(Int(cursor.value[6]) << 8 | Int(cursor.value[7]) == number)
            #expect(try cursor.next())
        }
        #expect(text(cursor.key) == "zzz")
        #expect(try !cursor.next())
        #expect(try cursor.previous())
        #expect(text(cursor.key) == "path")

        var owned = try environment.cursor(database)
        #expect(try owned.first())
        #expect(try owned.duplicateCount() == 2000)
        #expect(try owned.nextDuplicate())
        #expect(try owned.nextKey())
        #expect(try owned.duplicateCount() == 1)
        #expect(try !owned.nextDuplicate())
    }

    @Test func aFileOfAnotherKindIsRefused() throws {
        let scratch = try Scratch()
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: scratch.path))
        do {
            _ = try Environment(path: scratch.path, mapBytes: 1 << 20, databasesMax: 1)
            Issue.record("a text file was opened as an environment")
        } catch {
            #expect(error.kind == .invalidFile)
        }
    }
}
