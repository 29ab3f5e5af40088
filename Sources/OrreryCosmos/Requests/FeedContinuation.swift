import OrreryDatabase

/// The continuation token of a feed of items: the range that the next page begins in and the last version given, as
/// `<range>.<version>`. It is opaque to clients.
struct FeedContinuation: Equatable {
    let position: FeedPosition

    init(_ position: FeedPosition) {
        self.position = position
    }

    /// Reads a token.
    /// - Throws: 400 for one that no feed gave out.
    init(_ text: some Collection<UInt8>) throws(CosmosError) {
        let fields = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map { UInt64(String(decoding: $0, as: UTF8.self)) }
        guard fields.count == 2, let rangeNumber = fields[0], let version = fields[1] else {
            throw .badRequest("The continuation token is invalid.")
        }
        position = FeedPosition(rangeNumber: rangeNumber, version: version)
    }

    var text: String { "\(position.rangeNumber).\(position.version)" }
}
