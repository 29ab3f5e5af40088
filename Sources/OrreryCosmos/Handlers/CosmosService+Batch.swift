import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryHTTP
import OrreryKeys
import Synchronization

extension CosmosService {
    /// The most operations of a batch.
    private static var batchOperationsMax: Int { 100 }

    /// `POST …/docs` with the batch header: operations that take effect together, or, where the headers say so, each
    /// by itself.
    func batchItems(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        let target = try ItemRequest(request, containers)
        let partitionKey = try request.partitionKey()
        if let partitionKey, !target.container.isWhole(partitionKey) {
            throw CosmosError(DatabaseError.partitionKeyMismatch)
        }
        let operations = try Self.operations(request.http.body)
        if let partitionKey { try target.checkSession(ofPartitionKey: partitionKey) }
        if request.flag("x-ms-cosmos-batch-atomic") {
            commitTogether(operations, partitionKey, target, exchange)
        } else if request.flag("x-ms-cosmos-batch-continue-on-error") {
            commitEach(operations, partitionKey, target, exchange)
        } else {
            commitInTurn(operations, partitionKey, target, exchange)
        }
    }

    private static func operations(_ body: [UInt8]) throws(CosmosError) -> [BatchOperation] {
        guard body.count <= Container.itemBytesMax else { throw .bodyTooLarge }
        // The first byte of a HybridRow is its version.
        if body.first == 0x81 {
            throw .badRequest("Batches in the binary HybridRow form are not supported: send JSON.")
        }
        guard let document = try? JSONDocument(parsing: body, limits: .request), document.root.kind == .array else {
            throw .unreadableBody
        }
        guard document.root.count > 0 else { throw .badRequest("Batch request has no operations.") }
        guard document.root.count <= batchOperationsMax else {
            throw .badRequest("Batch request has more operations than what is supported.")
        }
        var operations: [BatchOperation] = []
        for node in document.root.elements { operations.append(try BatchOperation(node)) }
        return operations
    }

    private func commitTogether(
        _ operations: [BatchOperation], _ partitionKey: PartitionKey?, _ target: ItemRequest,
        _ exchange: CosmosExchange
    ) {
        var prepared: [ItemOperation] = []
        for (index, operation) in operations.enumerated() {
            do throws(CosmosError) {
                prepared.append(try operation.prepared(in: target.container, partitionKey: partitionKey))
            } catch {
                let results = BatchResult.failure(error, at: index, of: operations.count)
                exchange.respond(target.answer(results, nil))
                return
            }
        }
        target.container.commit(prepared.map(target.traced)) { result in
            switch result {
            case .success(let commit):
                let results = zip(operations, commit.answers).map { BatchResult($1, isMinimal: $0.prefersMinimal) }
                exchange.respond(target.answer(results, commit.progress))
            case .failure(let failure):
                let results = BatchResult.failure(
                    CosmosError(failure.error), at: failure.index, of: operations.count)
                exchange.respond(target.answer(results, failure.progress))
            }
        }
    }

    /// One after the other, until one fails: those behind it are not tried.
    private func commitInTurn(
        _ operations: [BatchOperation], _ partitionKey: PartitionKey?, _ target: ItemRequest,
        _ exchange: CosmosExchange, _ done: [BatchResult] = [], _ progress: PartitionProgress? = nil
    ) {
        @Sendable func stop(_ error: CosmosError, _ progress: PartitionProgress?) {
            let rest = BatchResult.failure(error, at: 0, of: operations.count - done.count)
            exchange.respond(target.answer(done + rest, progress))
        }
        guard done.count < operations.count else {
            exchange.respond(target.answer(done, progress))
            return
        }
        do throws(CosmosError) {
            let prepared = try operations[done.count].prepared(in: target.container, partitionKey: partitionKey)
            target.container.commit([target.traced(prepared)]) { [self] result in
                switch result {
                case .success(let commit):
                    let minimal = operations[done.count].prefersMinimal
                    let done = done + commit.answers.prefix(1).map { BatchResult($0, isMinimal: minimal) }
                    commitInTurn(operations, partitionKey, target, exchange, done, commit.progress)
                case .failure(let failure):
                    stop(CosmosError(failure.error), failure.progress ?? progress)
                }
            }
        } catch {
            stop(error, progress)
        }
    }

    private func commitEach(
        _ operations: [BatchOperation], _ partitionKey: PartitionKey?, _ target: ItemRequest,
        _ exchange: CosmosExchange
    ) {
        let gathering = BatchGathering(count: operations.count) { results, progress in
            exchange.respond(target.answer(results, progress))
        }
        for (index, operation) in operations.enumerated() {
            do throws(CosmosError) {
                let prepared = try operation.prepared(in: target.container, partitionKey: partitionKey)
                target.container.commit([target.traced(prepared)]) { result in
                    switch result {
                    case .success(let commit):
                        if let answer = commit.answers.first {
                            let result = BatchResult(answer, isMinimal: operation.prefersMinimal)
                            gathering.add(result, at: index, commit.progress)
                        }
                    case .failure(let failure):
                        gathering.add(BatchResult(CosmosError(failure.error)), at: index, failure.progress)
                    }
                }
            } catch {
                gathering.add(BatchResult(error), at: index, nil)
            }
        }
    }
}

/// What became of one operation of a batch.
private struct BatchResult: Sendable {
    let status: Int
    let substatus: Int
    let etag: String?
    let body: [UInt8]
    let charge: RequestCharge

    init(_ answer: ItemAnswer, isMinimal: Bool) {
        status = answer.status
        substatus = 0
        etag = answer.effect == .deleted ? nil : answer.item.etag.text
        body = isMinimal ? [] : answer.item.text
        charge = answer.charge
    }

    init(_ error: CosmosError) {
        status = error.status
        substatus = error.substatus
        etag = nil
        body = []
        charge = .zero
    }

    /// The results of a batch one of whose operations failed: it keeps its status, and all others depended on it.
    static func failure(_ error: CosmosError, at index: Int, of count: Int) -> [BatchResult] {
        let dependent = CosmosError(status: 424, "Another operation of the batch failed.")
        return (0..<count).map { BatchResult($0 == index ? error : dependent) }
    }
}

/// Gathers the results of operations that are committed each by itself, and tells when the last one is there.
private final class BatchGathering: Sendable {
    private struct State {
        var results: [BatchResult?]
        var missing: Int
        var progress: PartitionProgress?
    }

    private let state: Mutex<State>
    private let completion: @Sendable ([BatchResult], PartitionProgress?) -> Void

    init(count: Int, completion: @escaping @Sendable ([BatchResult], PartitionProgress?) -> Void) {
        state = Mutex(State(results: Array(repeating: nil, count: count), missing: count))
        self.completion = completion
    }

    func add(_ result: BatchResult, at index: Int, _ progress: PartitionProgress?) {
        let finished: State? = state.withLock { state in
            state.results[index] = result
            state.missing -= 1
            if let progress, progress.lsn >= state.progress?.lsn ?? 0 { state.progress = progress }
            return state.missing == 0 ? state : nil
        }
        if let finished { completion(finished.results.compactMap { $0 }, finished.progress) }
    }
}

extension ItemRequest {
    /// Checks that a key's partition has come as far as the client's session token says, for a batch may read.
    fileprivate func checkSession(ofPartitionKey key: PartitionKey) throws(CosmosError) {
        let effectiveKey = container.definition.partitionKey.effectiveKey(of: key)
        guard try request.sessionToken() != nil, let range = container.range(holding: effectiveKey) else { return }
        let lsn: UInt64
        do throws(DatabaseError) {
            lsn = try container.lsn(of: range)
        } catch {
            throw CosmosError(error)
        }
        guard try lsn >= minimumLSN()(range.number) else { throw CosmosError(DatabaseError.sessionNotAvailable) }
    }

    /// The answer to a batch: 200 where all succeeded, 207 where one did not.
    fileprivate func answer(_ results: [BatchResult], _ progress: PartitionProgress?) -> HTTPResponse {
        var writer = JSONWriter()
        writer.beginArray()
        for result in results {
            writer.beginObject()
            writer.name("statusCode")
            writer.number(result.status)
            if result.substatus != 0 {
                writer.name("subStatusCode")
                writer.number(result.substatus)
            }
            writer.name("requestCharge")
            writer.number(Double(result.charge.hundredths) / 100)
            if let etag = result.etag {
                writer.name("eTag")
                writer.string("\"\(etag)\"")
            }
            if !result.body.isEmpty, !request.prefersMinimal {
                writer.name("resourceBody")
                writer.raw(result.body)
            }
            writer.endObject()
        }
        writer.endArray()
        let isComplete = results.allSatisfy { $0.status < 400 }
        let charge = results.reduce(RequestCharge.zero) { $0 + $1.charge }
        var response = CosmosResponse.json(isComplete ? 200 : 207, writer.bytes, to: request, charge: charge)
        append(progress, to: &response.headers)
        return response
    }
}
