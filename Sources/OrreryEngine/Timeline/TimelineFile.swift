/// The file that tells a partition's timeline, and whether acknowledged commits may have waited in memory when the
/// partition was last in use. There is none where that never was so (Docs/FileFormat.md, "TIMELINE").
struct TimelineFile {
    static let name = "TIMELINE"

    let timeline: Timeline
    /// Whether commits may have been acknowledged that the log did not have.
    let isOpen: Bool
    /// The document number after which numbers are given; those up to it may have been given and lost.
    let documentNumber: UInt64

    private static let firstLine = "orrery-timeline 1"

    init(_ timeline: Timeline, isOpen: Bool, documentNumber: UInt64) {
        self.timeline = timeline
        self.isOpen = isOpen
        self.documentNumber = documentNumber
    }

    /// Reads the file of a partition's folder; where there is none the first timeline goes on.
    /// - Throws: `.damaged` for one that is not whole: LSNs could be taken for others.
    init(in directory: String) throws(EngineError) {
        let path = directory + "/" + Self.name
        guard let bytes = try DurableFile.read(path) else {
            self.init(.first, isOpen: false, documentNumber: 0)
            return
        }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        let end = lines.popLast()?.split(separator: " ").last.flatMap { UInt64($0, radix: 16) }
        guard let end, end == Self.checksum(lines), lines.count >= 3, lines[0] == Self.firstLine,
            let documentNumber = Self.number("documents", lines[2])
        else { throw .damaged("\(path) is not whole") }
        self.init(
            Timeline(ends: lines.dropFirst(3).compactMap { Self.number("ended", $0) }), isOpen: lines[1] == "open",
            documentNumber: documentNumber)
    }

    /// Keeps it, durable when this returns.
    func write(in directory: String) throws(EngineError) {
        var lines = [Self.firstLine, isOpen ? "open" : "closed", "documents \(documentNumber)"]
        lines += timeline.ends.map { "ended \($0)" }
        lines.append("end " + String(Self.checksum(lines), radix: 16))
        try DurableFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: directory + "/" + Self.name)
    }

    private static func number(_ name: String, _ line: String) -> UInt64? {
        let words = line.split(separator: " ")
        return words.count == 2 && words[0] == name ? UInt64(words[1]) : nil
    }

    private static func checksum(_ lines: [String]) -> UInt64 {
        var checksum = Checksum(seed: 0)
        checksum.add(Array(lines.joined(separator: "\n").utf8).span)
        return checksum.value
    }
}
