import OrreryDatabase
import OrreryHTTP
import OrreryKeys

extension CosmosService {
    /// Lets a request on items in, where its partitions have request units left in this second.
    /// - Returns: who is to be charged; nil where throughput is not enforced or the request touches no items.
    /// - Throws: 429 with how long to wait.
    func admit(_ request: CosmosRequest, _ operation: Operation) throws(CosmosError) -> ThroughputClaim? {
        // What is wrong with the request its handler says, and better.
        guard let ledger, operation.isOnItems, let target = try? ItemRequest(request, containers) else { return nil }
        let places = target.rangePlaces
        let bucket = ledger.budgets(ofBucket: try request.throughputBucket(), of: target.container)
        let parts = zip(target.container.ranges, ledger.budgets(of: target.container)).enumerated()
            .filter { places.contains($0.offset) }
            .map { place, part in
                ThroughputClaim.Part(rangeID: part.0.id, budget: part.1, bucket: bucket.flatMap { $0.at(place) })
            }
        let claim = ThroughputClaim(ledger: ledger, parts: parts)
        if let milliseconds = claim.waitForBucket(request.priority) { throw .bucketUsedUp(milliseconds) }
        if let milliseconds = claim.wait(for: request.priority) {
            throw CosmosError(.throttled(retryAfterMilliseconds: milliseconds))
        }
        return claim
    }
}

/// A request's right to draw on the budgets of the partitions that it touches.
struct ThroughputClaim: Sendable {
    struct Part: Sendable {
        let rangeID: String
        let budget: ThroughputBudget
        /// What the bucket of the request may use of it; nil where it has none.
        let bucket: ThroughputBudget?
    }

    let ledger: ThroughputLedger
    let parts: [Part]

    /// How long the request has to wait, in milliseconds: as long as the one partition that has least left.
    func wait(for priority: RequestPriority) -> Int? {
        let now = ledger.nowMilliseconds
        return parts.compactMap { $0.budget.wait(for: priority, atMilliseconds: now) }.max()
    }

    /// How long the request has to wait for its bucket.
    func waitForBucket(_ priority: RequestPriority) -> Int? {
        let now = ledger.nowMilliseconds
        return parts.compactMap { $0.bucket?.wait(for: priority, atMilliseconds: now) }.max()
    }

    /// Books what an answer says that its request has cost: on the partition that it names, or in equal parts where
    /// several did the work.
    func book(_ response: HTTPResponse) {
        guard let text = response.headers["x-ms-request-charge"], let charge = RequestCharge(text: text) else { return }
        let rangeID = response.headers["x-ms-documentdb-partitionkeyrangeid"]
        let one = parts.first { $0.rangeID == rangeID }
        let payers = one.map { [$0] } ?? parts
        let share = RequestCharge(hundredths: charge.hundredths / max(1, payers.count))
        let now = ledger.nowMilliseconds
        for payer in payers {
            payer.budget.spend(share, atMilliseconds: now)
            payer.bucket?.spend(share, atMilliseconds: now)
        }
    }
}

extension ItemRequest {
    /// The places of the ranges that the request touches: its key's, the one that it names, or all.
    fileprivate var rangePlaces: Range<Int> {
        let ranges = container.ranges
        if let key = try? request.partitionKey(), container.isWhole(key) {
            let effectiveKey = container.definition.partitionKey.effectiveKey(of: key)
            if let index = ranges.lastIndex(where: { $0.keys.min <= effectiveKey }) { return index..<(index + 1) }
        }
        if let id = request.partitionKeyRangeID,
            let index = ranges.firstIndex(where: { id.elementsEqual($0.id.utf8) }) {
            return index..<(index + 1)
        }
        return ranges.indices
    }
}

extension Operation {
    /// Whether the operation is work for a container's partitions.
    fileprivate var isOnItems: Bool {
        switch self {
        case .createItem, .upsertItem, .readItem, .replaceItem, .patchItem, .deleteItem, .listItems, .queryItems,
            .readChangeFeed, .batchItems, .deletePartitionKey: true
        default: false
        }
    }
}

extension CosmosRequest {
    /// `x-ms-cosmos-priority-level`: who says nothing comes first.
    fileprivate var priority: RequestPriority {
        headers.bytes("x-ms-cosmos-priority-level")?.equalsIgnoringCase("low") == true ? .low : .high
    }

    /// `x-ms-cosmos-throughput-bucket`: the number of a bucket; nil where none is named.
    fileprivate func throughputBucket() throws(CosmosError) -> Int? {
        guard let text = nonEmpty("x-ms-cosmos-throughput-bucket") else { return nil }
        guard let id = Int(String(decoding: text, as: UTF8.self)), ThroughputBucket.ids.contains(id) else {
            throw .badRequest("The value specified for the header 'x-ms-cosmos-throughput-bucket' is invalid: buckets "
                + "have ids from 1 to 5.")
        }
        return id
    }
}

extension CosmosError {
    fileprivate static func bucketUsedUp(_ milliseconds: Int) -> CosmosError {
        CosmosError(
            status: 429, substatus: 3212,
            "The throughput bucket of the request has used its part of the throughput, so no changes were made. Please "
                + "retry this request later.", retryAfterMilliseconds: milliseconds)
    }
}

extension Array {
    fileprivate func at(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
