import Foundation
@testable import OrreryEngine
import Testing

/// What a segment makes of its file after the machine stopped in the middle of a write, and after bytes were lost.
@Suite struct LogSegmentTests {
    private static let name = LogSegment.fileName(number: 1)

    private static func group(from version: UInt64, texts: [String]) -> LogGroup {
        let records = texts.enumerated().map { index, text in
            let id = "\(version + UInt64(index))"
            let key = ItemKey(effectiveKey: Array(0..<16), partitionKey: [8, 0x6B, 0, 0], id: Array(id.utf8))
            let header = LogHeader(
                version: version + UInt64(index), lsn: version, previousVersion: 0, documentNumber: 1,
                timestampMilliseconds: 1, nonce: 1, operation: .create, previousTextCount: 0)
            return (header: header, key: key, text: Array(text.utf8))
        }
        let counts = records.map { $0.header.recordByteCount($0.key, textCount: $0.text.count) }
        var group = LogGroup(firstVersion: version, recordByteCounts: counts)
        for (record, count) in zip(records, counts) {
            group.appendRecord(byteCount: count) { record.header.write(key: record.key, text: record.text, to: &$0) }
        }
        return group
    }

    /// A segment of three groups: one record, three, and one of several disk sectors. Answers where each group ends.
    private func made(in scratch: Scratch, isSealed: Bool = false) throws -> [Int] {
        let segment = try LogSegment(
            making: Self.name, in: scratch.path, firstVersion: 1, marks: LogSegment.Marks())
        var ends: [Int] = []
        for (version, texts) in [
            (1, ["one"]), (2, ["two", "three", "four"]), (5, [String(repeating: "x", count: 2000)]),
        ] as [(UInt64, [String])] {
            try segment.append(Self.group(from: version, texts: texts))
            ends.append(segment.usedBytes)
        }
        if isSealed { try segment.seal() }
        return ends
    }

    private func open(_ scratch: Scratch) throws -> LogSegment {
        try LogSegment(opening: Self.name, in: scratch.path, firstVersion: 1, isLast: true)
    }

    /// Elsewhere they would be found under other numbers.
    @Test(arguments: [1, 5, 7, UInt64.max]) func onlyTheNextVersionsAreAppended(_ version: UInt64) throws {
        let scratch = try Scratch()
        let segment = try LogSegment(
            making: Self.name, in: scratch.path, firstVersion: 4, marks: LogSegment.Marks())
        try segment.append(Self.group(from: 4, texts: ["four", "five"]))
        let error = try #require(throws: EngineError.self) {
            try segment.append(Self.group(from: version, texts: ["other"]))
        }
        #expect(error.message.contains("goes on at version 6, and not at \(version)"))
        try segment.append(Self.group(from: 6, texts: ["six"]))
        #expect(segment.lastVersion == 6)
        try segment.seal()
        #expect(throws: EngineError.self) { try segment.append(Self.group(from: 7, texts: ["seven"])) }
    }

    /// Where the room was given its name and cannot be opened under it, the name goes again.
    @Test func aSegmentThatCannotBeOpenedLeavesNoFile() throws {
        let scratch = try Scratch()
        let path = scratch.file(LogRoom.fileName(number: 2))
        let room = try LogRoom(path: path, byteCount: 1 << 20)
        // A name for a file that is nowhere: it can be renamed, and not opened.
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
        #expect(throws: EngineError.self) {
            try LogSegment(
                making: Self.name, in: scratch.path, firstVersion: 1, marks: LogSegment.Marks(), room: room)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }

    @Test func aLargeSegmentEndsInItsTable() throws {
        let scratch = try Scratch()
        let segment = try LogSegment(
            making: Self.name, in: scratch.path, firstVersion: 1, marks: LogSegment.Marks())
        let texts = [String](repeating: String(repeating: "x", count: 2000), count: 20)
        for group in 0..<60 { try segment.append(Self.group(from: UInt64(group * 20 + 1), texts: texts)) }
        #expect(segment.usedBytes > 1 << 21)
        try segment.seal()
        let opened = try open(scratch)
        // Found by the table, and not by a scan.
        #expect(opened.scannedCheckpoints == nil)
        #expect(try versions(opened) == Array(1...1200))
        // A copy without some versions cannot be scanned at all.
        let copy = LogSegment.fileName(number: 2)
        _ = try LogSegment(
            trimming: segment, to: copy, in: scratch.path, keeps: { $0.header.version % 3 == 0 },
            dead: { () throws(EngineError) in VersionSet() })
        let trimmed = try LogSegment(opening: copy, in: scratch.path, firstVersion: 1, isLast: false)
        #expect(try versions(trimmed) == (1...1200).filter { $0 % 3 == 0 })
        #expect(trimmed.lastVersion == 1200)
    }

    /// A store that is closed waits for the record that a trimming is at, and no longer.
    @Test func aCopyingIsEndedAtAnyRecord() throws {
        let scratch = try Scratch()
        let segment = try LogSegment(
            making: Self.name, in: scratch.path, firstVersion: 1, marks: LogSegment.Marks())
        try segment.append(Self.group(from: 1, texts: [String](repeating: "x", count: 100)))
        try segment.seal()
        let copy = LogSegment.fileName(number: 2)
        var askedCount = 0
        #expect(throws: EngineError.closed) {
            try LogSegment(
                trimming: segment, to: copy, in: scratch.path,
                keeps: { (_: borrowing LogRecord) throws(EngineError) in
                    askedCount += 1
                    if askedCount == 50 { throw .closed }
                    return true
                },
                dead: { () throws(EngineError) in VersionSet() })
        }
        #expect(askedCount == 50)
        #expect(!FileManager.default.fileExists(atPath: scratch.file(copy)))
    }

    private func change(_ scratch: Scratch, _ body: (inout Data) -> Void) throws {
        let file = URL(fileURLWithPath: scratch.file(Self.name))
        var bytes = try Data(contentsOf: file)
        body(&bytes)
        try bytes.write(to: file)
    }

    private func versions(_ segment: LogSegment) throws -> [UInt64] {
        var found: [UInt64] = []
        _ = try segment.walk(after: 0) { record in
            found.append(record.header.version)
            return true
        }
        return found
    }

    /// The file as a write leaves it that got this far, after the last flush that was answered.
    @Test func aTornGroupIsDroppedWholeWhereverItWasCut() throws {
        let scratch = try Scratch()
        let ends = try made(in: scratch)
        let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.file(Self.name)))
        for cut in stride(from: ends[1], to: ends[2], by: 11) {
            try change(scratch) { $0 = whole.prefix(cut) }
            #expect(try versions(open(scratch)) == [1, 2, 3, 4], "cut at \(cut)")
        }
        // And room ahead of which some sectors were written.
        for sector in (ends[1] / 512 + 1)...(ends[2] / 512) {
            try change(scratch) { bytes in
                bytes = whole
                let range = (sector * 512)..<min(sector * 512 + 512, ends[2])
                bytes.replaceSubrange(range, with: Data(count: range.count))
                bytes += Data(count: 10_000)
            }
            let segment = try open(scratch)
            #expect(try versions(segment) == [1, 2, 3, 4], "sector \(sector) not written")
            try segment.append(Self.group(from: 5, texts: ["five"]))
            #expect(try versions(open(scratch)) == [1, 2, 3, 4, 5])
        }
    }

    @Test func aFlippedByteAnywhereIsAnError() throws {
        let scratch = try Scratch()
        let ends = try made(in: scratch)
        let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.file(Self.name)))
        for place in stride(from: 0, to: ends[2], by: 5) {
            try change(scratch) { bytes in
                bytes = whole
                bytes[place] ^= 0x20
            }
            // What fills up a record to eight bytes is nobody's, but everything else is somebody's.
            if (try? versions(open(scratch))) != nil { #expect(whole[place] == UInt8(ascii: " "), "byte \(place)") }
        }
    }

    @Test func lostSectorsBeforeAWholeGroupAreAnError() throws {
        let scratch = try Scratch()
        let ends = try made(in: scratch)
        try change(scratch) { $0.replaceSubrange(ends[0]..<ends[1], with: Data(count: ends[1] - ends[0])) }
        #expect(throws: EngineError.self) { try open(scratch) }
    }

    @Test func aSealedSegmentReadsItsTableAndWithoutItScans() throws {
        let scratch = try Scratch()
        let ends = try made(in: scratch, isSealed: true)
        let sealed = try open(scratch)
        #expect(sealed.usedBytes == ends[2])
        #expect(sealed.lastVersion == 5)
        #expect(try versions(sealed) == [1, 2, 3, 4, 5])
        #expect(try sealed.withRecord(4) { $0.header.version } == 4)
        #expect(try sealed.withRecord(6) { $0.header.version } == nil)
        // As a crash leaves it that came while the table was written.
        try change(scratch) { $0.removeLast(9) }
        let scanned = try LogSegment(opening: Self.name, in: scratch.path, firstVersion: 1, isLast: false)
        #expect(try versions(scanned) == [1, 2, 3, 4, 5])
    }

    @Test func sealingTwiceLeavesTheTable() throws {
        let scratch = try Scratch()
        let segment = try LogSegment(making: Self.name, in: scratch.path, firstVersion: 1, marks: LogSegment.Marks())
        try segment.append(Self.group(from: 1, texts: ["one", "two"]))
        try segment.seal()
        try segment.seal()
        #expect(try versions(segment) == [1, 2])
        #expect(try versions(open(scratch)) == [1, 2])
    }

    @Test func aRecordThatLooksLikeAGroupIsNone() throws {
        let scratch = try Scratch()
        // A group of another segment, as a document might hold it, inside a torn one.
        var forged = Self.group(from: 9, texts: ["forged"])
        forged.close(nonce: 1)
        _ = try made(in: scratch)
        try change(scratch) { $0 += Data(forged.bytes) }
        #expect(throws: EngineError.self) { try open(scratch) }
        try change(scratch) { bytes in
            bytes.removeLast(forged.bytes.count)
            bytes += Data(count: 1024) + Data(forged.bytes)
        }
        #expect(try versions(open(scratch)) == [1, 2, 3, 4, 5])
    }

    @Test func aNewerFormatIsRefusedByName() throws {
        let scratch = try Scratch()
        _ = try made(in: scratch)
        try change(scratch) { $0[8] = 77 }
        do {
            _ = try open(scratch)
            Issue.record("a segment of format 77 was read")
        } catch let error as EngineError {
            guard case .newerFormat(let message) = error else { throw error }
            #expect(message.contains("77"))
        }
    }
}
