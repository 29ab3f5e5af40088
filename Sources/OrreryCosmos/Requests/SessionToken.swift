import OrreryDocuments
import OrreryEngine

/// A session token: how far a client has seen each partition-key range (wire specification, section 12).
///
/// On the wire it is `<range>:<version>#<lsn>`, with regional numbers after a further `#` that a single-region account
/// has no use for; tokens of several ranges are joined by commas. Java and .NET may also send the bare form
/// `<range>:<lsn>`.
struct SessionToken: Equatable, Sendable {
    /// What the client has seen of one range.
    struct Part: Equatable, Sendable {
        let rangeID: Int
        /// The number of the timeline, from -1 on: raised when a crash took back commits that were acknowledged.
        let version: Int64
        let lsn: UInt64
    }

    let parts: [Part]

    /// The most ranges a token may name; a client of one container never has more than it has ranges.
    static let partsMax = 4096

    /// Reads the header's value; nil for one that is not a session token.
    init?(_ text: some Collection<UInt8>) {
        var parts: [Part] = []
        for piece in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: true) {
            guard parts.count < Self.partsMax, let part = Self.part(piece) else { return nil }
            parts.append(part)
        }
        self.parts = parts
    }

    private static func part(_ text: some Collection<UInt8>) -> Part? {
        let trimmed = text.drop { $0 == UInt8(ascii: " ") }
        guard let colon = trimmed.firstIndex(of: UInt8(ascii: ":")),
            let rangeID = Int(String(decoding: trimmed[..<colon], as: UTF8.self)), rangeID >= 0
        else { return nil }
        let fields = trimmed[trimmed.index(after: colon)...]
            .split(separator: UInt8(ascii: "#"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if fields.count == 1 {
            return UInt64(fields[0]).map { Part(rangeID: rangeID, version: -1, lsn: $0) }
        }
        guard fields.count >= 2, let version = Int64(fields[0]), let lsn = UInt64(fields[1]) else { return nil }
        return Part(rangeID: rangeID, version: version, lsn: lsn)
    }

    /// Whether the token says anything of a range or of one it was split from.
    /// - Parameter ancestry: the range's own id and those of all its ancestors.
    func names(_ ancestry: [Int]) -> Bool {
        parts.contains { ancestry.contains($0.rangeID) }
    }

    /// The LSN that a range must have reached for the token's holder to see what it saw before; more than there can be
    /// where that was lost in a crash, or has not come about yet.
    func minimumLSN(of ancestry: [Int], in timeline: Timeline) -> UInt64 {
        var minimum: UInt64 = 0
        for part in parts where ancestry.contains(part.rangeID) {
            let number = Int(clamping: part.version.addingReportingOverflow(1).partialValue)
            let isKept = timeline.keeps(lsn: part.lsn, ofTimeline: number)
            minimum = max(minimum, isKept ? part.lsn : .max)
        }
        return minimum
    }

    /// Appends the text for one range.
    static func append(rangeID: UInt64, version: Int64, lsn: UInt64, to text: inout [UInt8]) {
        text.append(decimal: rangeID)
        text.append(UInt8(ascii: ":"))
        if version < 0 { text.append(UInt8(ascii: "-")) }
        text.append(decimal: version.magnitude)
        text.append(UInt8(ascii: "#"))
        text.append(decimal: lsn)
    }
}
