import OrreryDocuments
import OrreryHTTP
import OrreryKeys

/// A request whose link is read, with its headers under the names the service gives them.
///
/// SDKs write booleans as Python, Java or JavaScript do, so they are read in any case (wire specification, section 1).
///
/// A class, for every layer of a request's way keeps it, and what it holds is many references.
final class CosmosRequest: Sendable {
    let http: HTTPRequest
    let link: ResourceLink
    /// The GUID that follows a request through logs; the client's own, or one made here.
    let activityID: ArraySlice<UInt8>

    init(_ http: HTTPRequest, link: ResourceLink) {
        self.http = http
        self.link = link
        activityID = ActivityID.of(http)
    }

    var headers: HTTPHeaders { http.headers }

    // What the request is.

    var isQuery: Bool {
        flag("x-ms-documentdb-isquery") || flag("x-ms-documentdb-query")
            || headers.bytes("content-type")?.starts(with: Self.queryContentType) == true
    }
    var isQueryPlan: Bool { flag("x-ms-cosmos-is-query-plan-request") }
    var isUpsert: Bool { flag("x-ms-documentdb-is-upsert") }
    var isBatch: Bool { flag("x-ms-cosmos-is-batch-request") }
    var isChangeFeed: Bool { headers.bytes("a-im") != nil }

    /// Whether a person sent it, with the key itself for a signature, rather than an SDK.
    var isFromPerson: Bool {
        headers.bytes("authorization")?.prefix(7).equalsIgnoringCase("bearer ") == true
    }

    // What it asks for.

    /// The client wants no body in the answer to a write.
    var prefersMinimal: Bool {
        headers.bytes("prefer")?.equalsIgnoringCase("return=minimal") == true
    }
    var allowsCrossPartition: Bool { flag("x-ms-documentdb-query-enablecrosspartition") }
    var continuation: ArraySlice<UInt8>? { nonEmpty("x-ms-continuation") }
    var partitionKeyRangeID: ArraySlice<UInt8>? { nonEmpty("x-ms-documentdb-partitionkeyrangeid") }

    /// The most items a page may hold; nil where the client leaves it to the server (-1 says the same).
    func itemCountMax() throws(CosmosError) -> Int? {
        guard let text = headers["x-ms-max-item-count"] else { return nil }
        guard let count = Int(text), count == -1 || count > 0 else {
            throw .badRequest(
                "The value '\(text.prefix(32))' specified for the header 'x-ms-max-item-count' is invalid.")
        }
        return count == -1 ? nil : count
    }

    /// The partition key header; nil where there is none.
    func partitionKey() throws(CosmosError) -> PartitionKey? {
        guard let text = headers.bytes("x-ms-documentdb-partitionkey") else { return nil }
        do {
            return try PartitionKey(headerText: Array(text))
        } catch {
            throw .badRequest("Partition key \(String(decoding: text.prefix(64), as: UTF8.self)) is invalid.")
        }
    }

    /// How long the tokens of the permissions in the answer are to be good: `x-ms-documentdb-expiry-seconds`.
    func resourceTokenSeconds() throws(CosmosError) -> Int64 {
        guard let text = nonEmpty("x-ms-documentdb-expiry-seconds") else { return ResourceToken.lifetimeSeconds }
        let range = ResourceToken.lifetimeSecondsRange
        guard let seconds = Int64(String(decoding: text, as: UTF8.self)), range.contains(seconds) else {
            throw .badRequest("The value specified for the header 'x-ms-documentdb-expiry-seconds' is not one of "
                + "\(range.lowerBound) to \(range.upperBound).")
        }
        return seconds
    }

    /// The session token header; nil where there is none.
    func sessionToken() throws(CosmosError) -> SessionToken? {
        guard let text = nonEmpty("x-ms-session-token") else { return nil }
        guard let token = SessionToken(text) else {
            throw .badRequest("The session token provided '\(String(decoding: text.prefix(64), as: UTF8.self))' is "
                + "invalid.")
        }
        return token
    }

    /// Whether the request asks for a weaker consistency than the account's, which is that of a session.
    var isBelowSession: Bool {
        guard let level = nonEmpty("x-ms-consistency-level") else { return false }
        return level.equalsIgnoringCase("eventual") || level.equalsIgnoringCase("consistentprefix")
    }

    /// An entity tag of a condition, without the quotes.
    func entityTag(_ name: StaticString) -> String? {
        guard let value = nonEmpty(name) else { return nil }
        let quote = UInt8(ascii: "\"")
        let isQuoted = value.count >= 2 && value.first == quote && value.last == quote
        return String(decoding: isQuoted ? value.dropFirst().dropLast() : value, as: UTF8.self)
    }

    /// The body as JSON.
    func jsonBody() throws(CosmosError) -> JSONValue {
        do {
            return try JSONValue(parsing: http.body)
        } catch {
            throw .unreadableBody
        }
    }

    private static let queryContentType = Array("application/query+json".utf8)

    /// Whether a header says true, in any case.
    func flag(_ name: StaticString) -> Bool {
        headers.bytes(name)?.equalsIgnoringCase("true") == true
    }

    func nonEmpty(_ name: StaticString) -> ArraySlice<UInt8>? {
        headers.bytes(name).flatMap { $0.isEmpty ? nil : $0 }
    }
}
