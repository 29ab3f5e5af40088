import OrreryDatabase
import OrreryEngine
import OrreryHTTP
import OrreryKeys

/// A request on a container's items: the container found and checked, and the headers that only items have.
struct ItemRequest: Sendable {
    let request: CosmosRequest
    let container: Container

    /// - Throws: 404 where there is no such container, 400/1024 where it is not the one that the client means: this
    ///   comes before any look at partition keys, for a client with an old definition sends the wrong ones (wire
    ///   specification, section 9).
    init(_ request: CosmosRequest, _ containers: ContainerCache) throws(CosmosError) {
        self.request = request
        container = try containers.container(of: request.link)
        if let intended = request.nonEmpty("x-ms-cosmos-intended-collection-rid"),
            !intended.elementsEqual(container.resourceIDText) {
            throw .containerRecreated
        }
        // A request may ask for less than the account gives, not for more.
        if let level = request.nonEmpty("x-ms-consistency-level"),
            level.equalsIgnoringCase("strong") || level.equalsIgnoringCase("boundedstaleness") {
            let name = String(decoding: level, as: UTF8.self)
            throw .badRequest(
                "ConsistencyLevel \(name) specified in the request is invalid when service is configured with "
                    + "consistency level Session. Ensure the request consistency level is not stronger than the "
                    + "service consistency level.")
        }
    }

    /// The partition key that the header names; for containers whose key the system keeps, the empty one.
    /// - Throws: 400 where there is none and one is needed.
    func requiredPartitionKey() throws(CosmosError) -> PartitionKey {
        if let key = try request.partitionKey() { return key }
        guard container.definition.partitionKey.isSystemKey else {
            throw .badRequest("PartitionKey value must be supplied for this operation.")
        }
        return PartitionKey([])
    }

    /// A write, marked with the trace that the request says it is part of.
    func traced(_ operation: ItemOperation) -> ItemOperation {
        guard let header = request.http.headers.bytes("traceparent"), let trace = TraceMark(traceparent: header) else {
            return operation
        }
        return operation.marked(withTrace: trace)
    }

    /// The id of the item that the link names. In a link of resource ids the item's own has to be looked up.
    func itemID(partitionKey: PartitionKey) throws(CosmosError) -> [UInt8] {
        guard container.isWhole(partitionKey) else { throw CosmosError(DatabaseError.partitionKeyMismatch) }
        let name = Array(request.link.id(at: 2) ?? [])
        guard request.link.mayBeResourceIDs, let resourceID = request.link.resourceID(at: 2),
            resourceID.container == container.resourceID
        else { return name }
        let id: [UInt8]?
        do throws(DatabaseError) {
            id = try container.itemID(of: resourceID, partitionKey: partitionKey)
        } catch {
            throw CosmosError(error)
        }
        guard let id else { throw .notFound }
        return id
    }

    /// What must hold of the item before a write.
    var precondition: ItemWrite.Precondition {
        if let tag = request.entityTag("if-match") {
            return tag.utf8.elementsEqual("*".utf8) ? .exists : .match(ItemEtag(text: Array(tag.utf8)))
        }
        if let tag = request.entityTag("if-none-match") {
            return tag.utf8.elementsEqual("*".utf8) ? .absent : .noneMatch(ItemEtag(text: Array(tag.utf8)))
        }
        return .none
    }

    /// The LSN that the session token asks of a range; 0 where it says nothing of it.
    func minimumLSN() throws(CosmosError) -> (UInt64) -> UInt64 {
        // Who asks for less than a session takes what there is.
        guard !request.isBelowSession, let token = try request.sessionToken() else { return { _ in 0 } }
        return { [container] number in
            let parents = container.ranges.first { $0.number == number }?.parents ?? []
            let ancestry = (parents + [number]).map { Int(clamping: $0) }
            guard token.names(ancestry), let timeline = try? container.timeline(ofRange: number) else { return 0 }
            return token.minimumLSN(of: ancestry, in: timeline)
        }
    }

    // MARK: Answers

    /// Adds what every answer about items has: where the container is and how far its partition has come.
    /// - Parameter namesContainer: whether the container's path is among it, without which SDKs do not keep the session
    ///   token (wire specification, section 4). A write that is answered without a body must leave it out: the SDK
    ///   looks for the container's resource id in the body, and would file the tokens of all containers under none.
    func append(
        _ progress: PartitionProgress?, namesContainer: Bool = true, to headers: inout HTTPResponseHeaders
    ) {
        if namesContainer {
            headers.append("x-ms-alt-content-path", container.path)
        }
        headers.append("x-ms-content-path", container.resourceIDText)
        guard let progress else { return }
        headers.append("lsn", progress.lsn)
        headers.append("x-ms-documentdb-partitionkeyrangeid", progress.rangeNumber)
        headers.append("x-ms-session-token") { progress.appendSessionToken(to: &$0) }
    }

    /// As above, for answers that were read from several partitions.
    func append(_ progress: [PartitionProgress], to headers: inout HTTPResponseHeaders) {
        if progress.count == 1 {
            append(progress.first, to: &headers)
            return
        }
        append(nil, to: &headers)
        headers.append("x-ms-session-token") { text in
            for (index, progress) in progress.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                progress.appendSessionToken(to: &text)
            }
        }
    }

    /// Checks that the partitions have come as far as the client's session token says.
    /// - Throws: 404/1002, with which the client asks again.
    func checkSession(_ progress: [PartitionProgress]) throws(CosmosError) {
        let minimumLSN = try minimumLSN()
        for progress in progress where progress.lsn < minimumLSN(progress.rangeNumber) {
            throw CosmosError(DatabaseError.sessionNotAvailable)
        }
    }

    /// The answer that shows an item, or nothing where the client wants nothing.
    func answer(_ answer: ItemAnswer, _ progress: PartitionProgress) -> HTTPResponse {
        let status = answer.status
        let isEmpty = status == 204 || (request.prefersMinimal && answer.effect != .read)
        var response = isEmpty
            ? CosmosResponse.empty(status, to: request, charge: answer.charge)
            : CosmosResponse.json(status, answer.item.text, to: request, charge: answer.charge)
        if status != 204 { response.headers.append(etag: answer.item.etag) }
        append(progress, namesContainer: !isEmpty || status == 204, to: &response.headers)
        return response
    }

    /// The answer to an operation that was refused, which tells how far the partition is all the same.
    func answer(_ failure: ItemFailure) -> HTTPResponse {
        var response = CosmosResponse.error(CosmosError(failure.error), activityID: request.activityID)
        append(failure.progress, to: &response.headers)
        return response
    }
}

extension ItemAnswer {
    /// The HTTP status that tells what became of the item.
    var status: Int {
        switch effect {
        case .created: 201
        case .replaced, .read: 200
        case .deleted: 204
        }
    }
}

extension PartitionProgress {
    /// Appends what a client sends back to see at least this much.
    fileprivate func appendSessionToken(to text: inout [UInt8]) {
        SessionToken.append(rangeID: rangeNumber, version: Int64(timelineNumber) - 1, lsn: lsn, to: &text)
    }
}

extension HTTPResponseHeaders {
    /// An item's entity tag, in quotes.
    mutating func append(etag: ItemEtag) {
        append("etag") { text in
            text.append(UInt8(ascii: "\""))
            etag.guid.append(to: &text)
            text.append(UInt8(ascii: "\""))
        }
    }
}
