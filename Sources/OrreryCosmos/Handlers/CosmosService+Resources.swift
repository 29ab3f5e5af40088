import OrreryDatabase
import OrreryDocuments
import OrreryHTTP

/// What the handlers of all control-plane resources share.
extension CosmosService {
    /// Does something with the database, and reports its failures as the service does.
    func database<Result>(_ body: () throws(DatabaseError) -> Result) throws(CosmosError) -> Result {
        do throws(DatabaseError) {
            return try body()
        } catch {
            throw CosmosError(error)
        }
    }

    /// Does something under a parent that a link names; a parent that is not there is reported as such.
    func parent<Result>(_ body: () throws(DatabaseError) -> Result) throws(CosmosError) -> Result {
        do throws(DatabaseError) {
            return try body()
        } catch .notFound {
            throw .ownerNotFound
        } catch {
            throw CosmosError(error)
        }
    }

    /// The answer that shows one resource; 304 where the client has it already.
    func answer(_ resource: Resource, status: Int, to request: CosmosRequest) -> HTTPResponse {
        let charge = status == 200 && request.http.method == .get ? RequestCharge.controlPlaneRead : .controlPlaneWrite
        var response: HTTPResponse
        if request.http.method == .get, let known = request.entityTag("if-none-match"),
            known.utf8.elementsEqual(resource.etag.utf8) || known.utf8.elementsEqual("*".utf8) {
            response = CosmosResponse.empty(304, to: request, charge: charge)
        } else {
            response = CosmosResponse.json(status, resource.body, to: request, charge: charge)
        }
        response.headers.append("etag", "\"\(resource.etag)\"")
        return response
    }

    /// The answer to a list, or to a query over one: a page of it.
    func answerFeed(
        _ resources: [Resource], of kind: LinkKind, parent: String, to request: CosmosRequest,
        _ exchange: CosmosExchange
    ) throws(CosmosError) {
        if request.http.method == .post {
            return try answerQuery(over: resources, of: kind, parent: parent, to: request, exchange)
        }
        let page = try FeedPage(resources.map(\.body), request)
        var response = CosmosResponse.feed(
            kind, parent: parent, bodies: page.bodies, to: request, charge: .controlPlaneRead)
        if let continuation = page.continuation { response.headers.append("x-ms-continuation", continuation) }
        exchange.respond(response)
    }
}

/// A page of a list that is short enough to be in memory: its continuation is the number of the first item that did not
/// fit.
private struct FeedPage {
    let bodies: [[UInt8]]
    let continuation: String?

    init(_ all: [[UInt8]], _ request: CosmosRequest) throws(CosmosError) {
        var start = 0
        if let token = request.continuation {
            guard let number = Int(String(decoding: token, as: UTF8.self)), number >= 0 else {
                throw .badRequest("The continuation token is invalid.")
            }
            start = min(number, all.count)
        }
        let countMax = try request.itemCountMax() ?? all.count
        let end = min(all.count, start + min(countMax, all.count))
        bodies = Array(all[start..<end])
        continuation = end < all.count ? String(end) : nil
    }
}
