/// A session token: how far a client has seen each partition-key range (wire specification, section 12).
///
/// On the wire it is `<range>:<version>#<lsn>`, with regional numbers after a further `#` that a single-region account
/// has no use for; tokens of several ranges are joined by commas. Java and .NET may also send the bare form
/// `<range>:<lsn>`.
struct SessionToken: Equatable, Sendable {
    /// What the client has seen of one range.
    struct Part: Equatable, Sendable {
        let rangeID: Int
        /// Raised when the server went back in time (a restore, a rollback), so that older tokens are recognised.
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

    /// The highest LSN the token holds for a range or for one it was split from.
    /// - Parameter ancestry: the range's own id and those of all its ancestors.
    func lsn(of ancestry: [Int]) -> UInt64? {
        parts.lazy.filter { ancestry.contains($0.rangeID) }.map(\.lsn).max()
    }

    /// The text for one range.
    static func text(rangeID: Int, version: Int64, lsn: UInt64) -> String {
        "\(rangeID):\(version)#\(lsn)"
    }
}
