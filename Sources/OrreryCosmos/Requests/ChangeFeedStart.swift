import OrreryHTTP

/// Where a client wants a change feed to begin, as its headers say it (wire specification, section 11).
struct ChangeFeedStart: Equatable {
    enum Position: Equatable {
        case beginning
        case now
        /// After what an earlier answer gave as its entity tag.
        case after(ChangeFeedPosition)
    }

    let position: Position
    /// Only changes after this second since 1970. SDKs go on sending it beside the tags of later pages.
    let sinceSeconds: Int64?

    /// - Throws: 400 for a tag or a date that cannot be read.
    init(_ request: CosmosRequest) throws(CosmosError) {
        // A client of server-sent events that lost its connection says which event was its last.
        switch request.entityTag("last-event-id") ?? request.entityTag("if-none-match") {
        case nil: position = .beginning
        case "*": position = .now
        case let tag?:
            guard let place = ChangeFeedPosition(tag) else {
                throw .badRequest("The change feed's entity tag is invalid.")
            }
            position = .after(place)
        }
        if let date = request.nonEmpty("if-modified-since") {
            guard let seconds = HTTPDate.seconds(date) else {
                throw .badRequest("The value specified for the header 'if-modified-since' is invalid.")
            }
            sinceSeconds = seconds
        } else {
            sinceSeconds = nil
        }
    }
}
