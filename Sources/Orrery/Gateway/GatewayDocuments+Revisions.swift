internal import OrreryDocuments
internal import OrreryGateway

/// Which revision an API's document is.
extension GatewayDocuments {
    /// What stands between an API's name and the number of a revision that is not the current one.
    static let revisionMark = ";rev="

    /// Whether a document's id, `NAME;rev=2`, is that of the revision that is the current one.
    func isCurrent(_ id: String) -> Bool {
        guard let mark = id.firstRange(of: Self.revisionMark),
            let current = document(.api, String(id[..<mark.lowerBound]))
        else { return false }
        return "\(current["revision"]?.int64 ?? 1)" == String(id[mark.upperBound...])
    }
}
