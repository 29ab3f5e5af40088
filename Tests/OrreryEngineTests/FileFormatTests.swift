@testable import OrreryEngine
import Testing

/// Docs/FileFormat.md is a contract: these bytes were made from its text alone, by another program.
@Suite struct FileFormatTests {
    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func bytes(hexadecimal text: String) throws -> [UInt8] {
        let digits = try text.map { try #require($0.hexDigitValue) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    @Test func aRecordIsAsWritten() throws {
        let key = ItemKey(effectiveKey: Array(0..<16), partitionKey: [8, 0x6B, 0, 0], id: Array("id".utf8))
        let text = Array(#"{"id":"id"}"#.utf8)
        var header = LogHeader(
            version: 9, lsn: 7, previousVersion: 3, documentNumber: 2 << 40 + 5,
            timestampMilliseconds: 1_700_000_000_123, nonce: 0xCAFE_F00D, operation: .replace, previousTextCount: 99)
        header.timeToLiveSeconds = -1
        var bytes = [UInt8](repeating: 0, count: header.recordByteCount(key, textCount: text.count))
        var span = bytes.mutableSpan
        header.write(key: key, text: text, to: &span)
        let rest = "10000400020000000b00000063000000ffffffff000102030405060708090a0b0c0d0e0f086b000069647b226964223a"
            + "226964227d"
        let wanted = "4b5ea39da31d4bdc0700000000000000030000000000000005000000000200007b68e5cf8b0100000df0feca02010000"
            + rest
        #expect(hexadecimal(bytes) == wanted)
        // One that was written before checksums were striped.
        let old = "6db9fd4ad5a1d27b0700000000000000030000000000000005000000000200007b68e5cf8b0100000df0feca02000000"
            + rest
        let oldBytes = try self.bytes(hexadecimal: old)
        let isRead = LogRecord(version: 9, oldBytes.span) != nil
        #expect(isRead)
        guard let record = LogRecord(version: 9, bytes.span) else {
            Issue.record("the record cannot be read back")
            return
        }
        let isTheItems = record.isVersion(of: key)
        #expect(isTheItems)
    }

    @Test func aSegmentIsAsWritten() {
        let marks = LogSegment.Marks(
            version: 8, lsn: 7, documentNumber: 2 << 40, timestampMilliseconds: 1_700_000_000_123)
        let nonce: UInt64 = 0x1122_3344_5566_7788
        let header = LogSegmentHeader(firstVersion: 9, marks: marks, nonce: nonce).encoded
        #expect(
            hexadecimal(header) == "6f7272796c6f670a0100000000000000090000000000000008000000000000000700000000000000"
                + "00000000000200007b68e5cf8b0100008877665544332211cd37d66c1a11d457")
        let key = ItemKey(effectiveKey: Array(0..<16), partitionKey: [8, 0x6B, 0, 0], id: Array("id".utf8))
        var record = LogHeader(
            version: 9, lsn: 7, previousVersion: 3, documentNumber: 2 << 40 + 5,
            timestampMilliseconds: 1_700_000_000_123, nonce: 0xCAFE_F00D, operation: .replace, previousTextCount: 99)
        record.timeToLiveSeconds = -1
        let text = Array(#"{"id":"id"}"#.utf8)
        let byteCount = record.recordByteCount(key, textCount: text.count)
        var group = LogGroup(firstVersion: 9, recordByteCounts: [byteCount])
        group.appendRecord(byteCount: byteCount) { record.write(key: key, text: text, to: &$0) }
        group.close(nonce: nonce)
        let groupHeader = hexadecimal(Array(group.bytes.prefix(32)))
        #expect(groupHeader == "8775e1bf41fcdb2788000000010000000900000000000000d0ca746077c5ca84")
        #expect(group.bytes.count == 136)
        #expect(hexadecimal(Array(group.bytes.suffix(4))) == "7d202020")
        let table = LogTable.encoded([13], at: 208, nonce: nonce)
        let wantedTable =
            "0d00000000000000afcd8e85bc786febd00000000000000001000000000000000000000000000000f4f36c41"
            + "695916fd"
        #expect(hexadecimal(table) == wantedTable)
        // Trimmed: the second version went, and with it what said that three earlier ones are dead.
        let trimmed = LogTable.encoded([13, 0], dead: VersionSet([5, 9, 65537]), at: 208, nonce: nonce)
        let wantedTrimmed =
            "0d00000000000000020000000200000000000000000000000100000005000900010000000000000000000000"
            + "0100db6c9138df5dc936000096d24e2d29d84bb2d00000000000000002000000000000002e00000000000000"
            + "aeb90e43dcbe5d14"
        #expect(hexadecimal(trimmed) == wantedTrimmed)
    }

    @Test func aManifestIsAsWritten() throws {
        var manifest = Manifest()
        (manifest.nextFileNumber, manifest.flushedVersion, manifest.documentNumber) = (7, 65536, 40012)
        manifest.segments = [
            Manifest.SegmentLine(firstVersion: 1, fileName: "log-1"),
            Manifest.SegmentLine(firstVersion: 52210, fileName: "log-4"),
        ]
        manifest.runs = [
            Manifest.RunLine(
                number: 5, fileName: "run-5.lmdb", liveCount: 31877, supersededFileName: "superseded-6"),
            Manifest.RunLine(number: 3, fileName: "run-3.lmdb", liveCount: 32768, supersededFileName: nil),
        ]
        let text = """
            orrery-partition 1
            next-file 7
            flushed 65536 40012
            segment 1 log-1
            segment 52210 log-4
            run 5 run-5.lmdb 31877 superseded-6
            run 3 run-3.lmdb 32768 -
            end 44bc76a190d0f89

            """
        #expect(String(decoding: manifest.encoded, as: UTF8.self) == text)
        #expect(try Manifest(encoded: Array(text.utf8), path: "") == manifest)
    }

    @Test func aVersionSetIsAsWritten() throws {
        let few = VersionSet([65537, 9, 5])
        let wanted = "0200000002000000000000000000000001000000050009000100000000000000000000000100db6c9138df5dc936"
        #expect(hexadecimal(few.encoded) == wanted)
        #expect(VersionSet(encoded: few.encoded.span) == few)
        // From 4097 numbers on a chunk is a bitmap.
        let many = VersionSet(stride(from: 0, to: 10_000, by: 2))
        var checksum = Checksum(seed: 0)
        checksum.add(many.encoded.span)
        #expect(many.encoded.count == 8220)
        #expect(checksum.value == 0x939e_2a65_27b7_4748)
        #expect(VersionSet(encoded: many.encoded.span) == many)
        // From 61440 on those that are missing are listed.
        let most = VersionSet((0..<65536).filter { $0 != 3 && $0 != 65535 })
        #expect(hexadecimal(most.encoded) == "02000000010000000000000000000000fdff00000300ffff78fbab8b1ae2a6ce")
        #expect(VersionSet(encoded: most.encoded.span) == most)
    }
}
