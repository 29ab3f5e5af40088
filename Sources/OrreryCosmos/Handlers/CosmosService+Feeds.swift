import OrreryDatabase
import OrreryEngine
import OrreryHTTP
import OrreryKeys

extension CosmosService {
    /// `GET …/docs`: all items, page by page; all ranges where none is named.
    func listItems(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let target = try ItemRequest(request, containers)
        let scope = try target.feedScope()
        let position = try request.continuation.map { text throws(CosmosError) in try FeedContinuation(text).position }
        let countMax = try request.itemCountMax()
        let page = try database { () throws(DatabaseError) in
            try target.container.items(in: scope, from: position, itemCountMax: countMax)
        }
        try target.checkSession(page.progress)
        var response = target.feed(page.items)
        target.append(page.progress, to: &response.headers)
        if let next = page.next { response.headers.append("x-ms-continuation", FeedContinuation(next).text) }
        return response
    }
}

extension ItemRequest {
    /// A page of items with what reading them cost.
    func feed(_ items: [Item]) -> HTTPResponse {
        let charge = items.reduce(RequestCharge.minimum) { $0 + .read(byteCount: $1.text.count) }
        return CosmosResponse.feed(
            .document, parent: String(decoding: container.resourceIDText, as: UTF8.self), bodies: items.map(\.text),
            to: request, charge: charge)
    }

    /// The items that the headers name: a partition key's, a range's, a part of a range's, or all.
    func feedScope() throws(CosmosError) -> FeedScope {
        if let key = try request.partitionKey() {
            guard key.values.count <= container.definition.partitionKey.paths.count else {
                throw CosmosError(DatabaseError.partitionKeyMismatch)
            }
            return .partitionKey(key)
        }
        var keys = EffectiveKeyRange.all
        if let number = try rangeNumber() {
            do throws(DatabaseError) {
                keys = try container.range(numbered: number).keys
            } catch {
                throw CosmosError(error)
            }
        }
        if let start = try effectiveKey("x-ms-start-epk") { keys.min = max(keys.min, start) }
        if let end = try effectiveKey("x-ms-end-epk") { keys.max = min(keys.max, end) }
        return keys == .all ? .container : .keys(keys)
    }

    func rangeNumber() throws(CosmosError) -> UInt64? {
        guard let text = request.partitionKeyRangeID else { return nil }
        // Some SDKs send the container's resource id before it: `rid,number`.
        let digits = text.split(separator: UInt8(ascii: ",")).last ?? text
        guard let number = UInt64(String(decoding: digits, as: UTF8.self)) else {
            throw .badRequest("The partition-key range id is invalid.")
        }
        return number
    }

    private func effectiveKey(_ header: StaticString) throws(CosmosError) -> EffectivePartitionKey? {
        guard let text = request.headers.bytes(header), !text.isEmpty else { return nil }
        guard let key = EffectivePartitionKey(hex: String(decoding: text, as: UTF8.self)) else {
            throw .badRequest("The effective partition key in the header '\(header)' is invalid.")
        }
        return key
    }
}
