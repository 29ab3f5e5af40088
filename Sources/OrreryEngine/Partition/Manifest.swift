/// The list of a partition's files: what is named here exists, what is not is an orphan.
///
/// A text of one line per file, ended by a checksum; written anew, flushed and renamed at each change.
struct Manifest: Sendable, Equatable {
    struct SegmentLine: Sendable, Equatable {
        var firstVersion: UInt64
        var fileName: String
    }

    struct RunLine: Sendable, Equatable {
        var number: UInt64
        var fileName: String
        var liveCount: Int
        var supersededFileName: String?
    }

    static let formatVersion = 1
    static let fileName = "MANIFEST"

    /// The number the next new file will carry.
    var nextFileNumber: UInt64 = 1
    /// The last version that the runs cover.
    var flushedVersion: UInt64 = 0
    /// The document counter as of that version.
    var documentNumber: UInt64 = 0
    /// The last version that may have been trimmed, or lack what it superseded: the history is whole behind it.
    var trimmedVersion: UInt64 = 0
    var segments: [SegmentLine] = []
    var runs: [RunLine] = []

    var encoded: [UInt8] {
        var text = "orrery-partition \(Self.formatVersion)\n"
        text += "next-file \(nextFileNumber)\n"
        text += "flushed \(flushedVersion) \(documentNumber)\n"
        if trimmedVersion > 0 { text += "trimmed \(trimmedVersion)\n" }
        for segment in segments { text += "segment \(segment.firstVersion) \(segment.fileName)\n" }
        for run in runs {
            text += "run \(run.number) \(run.fileName) \(run.liveCount) \(run.supersededFileName ?? "-")\n"
        }
        let bytes = Array(text.utf8)
        return bytes + Array("end \(Self.checksum(bytes))\n".utf8)
    }

    private static func checksum(_ bytes: [UInt8]) -> String {
        var checksum = Checksum(seed: 0)
        checksum.add(bytes.span)
        return String(checksum.value, radix: 16)
    }

    init() {}

    /// Whether this is what a folder has, but for the number of the next file: that rises without being written.
    func isStanding(in directory: String) -> Bool {
        guard var standing = Manifest(standingIn: directory) else { return false }
        standing.nextFileNumber = nextFileNumber
        return standing == self
    }

    /// What a folder has; nil where that cannot be told.
    init?(standingIn directory: String) {
        let path = directory + "/" + Self.fileName
        guard let bytes = try? DurableFile.read(path), let manifest = try? Manifest(encoded: bytes, path: path) else {
            return nil
        }
        self = manifest
    }

    /// Reads a manifest back.
    ///
    /// - Throws: `.newerFormat`, or `.damaged` when a line or the checksum does not hold.
    init(encoded bytes: [UInt8], path: String) throws(EngineError) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let head = lines.first?.split(separator: " "), head.count == 2, head[0] == "orrery-partition",
            let format = Int(head[1])
        else { throw .damaged("\(path) is no manifest") }
        guard format <= Self.formatVersion else {
            throw .newerFormat("\(path) is of format \(format) and this version reads up to \(Self.formatVersion)")
        }
        guard let last = lines.last, last.hasPrefix("end "),
            last.dropFirst(4) == Self.checksum(Array(bytes.dropLast(last.utf8.count + 1)))
        else { throw .damaged("\(path) does not match its checksum") }
        for line in lines.dropFirst().dropLast() where !read(line.split(separator: " ")) {
            throw .damaged("\(path): cannot read the line \"\(line)\"")
        }
    }

    private mutating func read(_ words: [Substring]) -> Bool {
        switch words.first {
        case "next-file" where words.count == 2:
            guard let number = UInt64(words[1]) else { return false }
            nextFileNumber = number
        case "flushed" where words.count == 3:
            guard let version = UInt64(words[1]), let number = UInt64(words[2]) else { return false }
            (flushedVersion, documentNumber) = (version, number)
        case "trimmed" where words.count == 2:
            guard let version = UInt64(words[1]) else { return false }
            trimmedVersion = version
        case "segment" where words.count == 3:
            guard let first = UInt64(words[1]) else { return false }
            segments.append(SegmentLine(firstVersion: first, fileName: String(words[2])))
        case "run" where words.count == 5:
            guard let number = UInt64(words[1]), let live = Int(words[3]) else { return false }
            runs.append(
                RunLine(
                    number: number, fileName: String(words[2]), liveCount: live,
                    supersededFileName: words[4] == "-" ? nil : String(words[4])))
        default: return false
        }
        return true
    }
}
