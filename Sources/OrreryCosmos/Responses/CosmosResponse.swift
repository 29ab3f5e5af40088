import OrreryDatabase
import OrreryDocuments
import OrreryHTTP

/// Builds the answers that all operations share: the common headers of the wire specification, section 4.
enum CosmosResponse {
    /// An answer with a JSON body.
    static func json(_ status: Int, _ body: [UInt8], to request: CosmosRequest, charge: RequestCharge) -> HTTPResponse {
        var response = HTTPResponse(status: status, body: body)
        response.headers.reserveCapacity(512)
        response.headers.append("Content-Type", "application/json")
        append(to: &response.headers, activityID: request.activityID, charge: charge)
        return response
    }

    /// An answer without a body: 204, 304, and writes whose client wants nothing back.
    static func empty(_ status: Int, to request: CosmosRequest, charge: RequestCharge) -> HTTPResponse {
        var response = HTTPResponse(status: status)
        response.headers.reserveCapacity(512)
        append(to: &response.headers, activityID: request.activityID, charge: charge)
        return response
    }

    /// A feed: the resources' bodies, as they are, under the member that SDKs look for.
    /// - Parameter parent: the resource id of what the feed belongs to; empty for the account's.
    static func feed(
        _ kind: LinkKind, parent: String, bodies: [[UInt8]], to request: CosmosRequest, charge: RequestCharge
    ) -> HTTPResponse {
        var rows: [UInt8] = []
        rows.reserveCapacity(bodies.reduce(0) { $0 + $1.count + 1 })
        for (index, resource) in bodies.enumerated() {
            if index > 0 { rows.append(UInt8(ascii: ",")) }
            rows.append(contentsOf: resource)
        }
        return feed(kind, parent: parent, rows: rows, count: bodies.count, to: request, charge: charge)
    }

    /// As above, of rows that stand one after the other already, separated by commas.
    static func feed(
        _ kind: LinkKind, parent: String, rows: [UInt8], count: Int, to request: CosmosRequest, charge: RequestCharge
    ) -> HTTPResponse {
        var body = feedHead(kind, parent: parent.utf8)
        body.reserveCapacity(rows.count + 96)
        body += rows
        return feed(begun: body, count: count, to: request, charge: charge)
    }

    /// What stands before the first resource in a feed's body.
    static func feedHead(_ kind: LinkKind, parent: some Collection<UInt8>) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(96)
        body += "{\"_rid\":\"".utf8
        body += parent
        body += "\",\"".utf8
        body += kind.feedMember.bytes
        body += "\":[".utf8
        return body
    }

    /// A feed whose body is there up to its last resource.
    static func feed(
        begun body: consuming [UInt8], count: Int, to request: CosmosRequest, charge: RequestCharge
    ) -> HTTPResponse {
        body += "],\"_count\":\(count)}".utf8
        var response = json(200, body, to: request, charge: charge)
        response.headers.append("x-ms-item-count", count)
        return response
    }

    /// The answer to a request that failed.
    static func error(_ error: CosmosError, activityID: ArraySlice<UInt8>) -> HTTPResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("code")
        writer.string(String(describing: error.code))
        writer.name("message")
        writer.string(error.message + "\r\nActivityId: " + String(decoding: activityID, as: UTF8.self))
        writer.endObject()
        var response = HTTPResponse(status: error.status, body: writer.bytes)
        response.headers.append("Content-Type", "application/json")
        append(to: &response.headers, activityID: activityID, charge: .none)
        response.headers.append("x-ms-substatus", error.substatus)
        if let milliseconds = error.retryAfterMilliseconds {
            response.headers.append("x-ms-retry-after-ms", milliseconds)
        }
        return response
    }

    private static func append(
        to headers: inout HTTPResponseHeaders, activityID: ArraySlice<UInt8>, charge: RequestCharge
    ) {
        headers.append("x-ms-activity-id", activityID)
        headers.append("x-ms-request-charge") { charge.append(to: &$0) }
        headers.append("x-ms-serviceversion", "version=2.14.0.0")
    }
}
