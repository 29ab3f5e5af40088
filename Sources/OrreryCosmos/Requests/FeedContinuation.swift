import OrreryDatabase

/// The continuation token of a feed of items: the range that the next page begins in and the last version given, as
/// `<range>.<version>`; behind commas the same of ranges that were split meanwhile. It is opaque to clients.
struct FeedContinuation: Equatable {
    let position: FeedPosition

    init(_ position: FeedPosition) {
        self.position = position
    }

    /// Reads a token.
    /// - Throws: 400 for one that no feed gave out.
    init(_ text: some Collection<UInt8>) throws(CosmosError) {
        var marks: [FeedPosition.Mark] = []
        for part in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let fields = part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .map { UInt64(String(decoding: $0, as: UTF8.self)) }
            guard fields.count == 2, let rangeNumber = fields[0], let version = fields[1],
                marks.count < FeedPosition.marksMax
            else { throw Self.invalid }
            marks.append(FeedPosition.Mark(rangeNumber: rangeNumber, place: version))
        }
        guard let position = FeedPosition(marks) else { throw Self.invalid }
        self.position = position
    }

    private static let invalid = CosmosError.badRequest("The continuation token is invalid.")

    var text: String { position.marks.map { "\($0.rangeNumber).\($0.place)" }.joined(separator: ",") }
}
