import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import OrreryTriggers

/// What a worker of another process asks for. Bodies are JSON objects.
///
/// | request | body or query | answer |
/// |---|---|---|
/// | `GET /_orrery/leases/DATABASE/CONTAINER/HANDLER` | | the leases of all ranges |
/// | `POST …/acquire` | `owner`; `range`, `milliseconds`, `start`, `waitMilliseconds` | a lease |
/// | `POST …/RANGE/renew` | `epoch`; `milliseconds` | the lease |
/// | `POST …/RANGE/release` | `epoch` | the lease, as it ends |
/// | `GET …/RANGE/changes` | `epoch`; `after`, `max`, `waitMilliseconds`, `own` | changes, and how far they go |
/// | `POST …/RANGE/commit` | `epoch`; `lsn`, `outputs`, `deadLetters`, `settled`, `milliseconds` | the lease |
///
/// 409 says that others have the leases, and after how long to ask again; 412 that the lease has moved on; 410 that the
/// range was split, or that the log no longer has what comes next.
struct LeaseRequest: Sendable {
    enum Call: Sendable {
        case list
        case acquire(WorkerClaim)
        case renew(LeaseTerm)
        case release(LeaseTerm)
        case changes(LeaseTerm, after: UInt64?, countMax: Int, seesOwnChanges: Bool)
        case commit(LeaseTerm, LeaseCommit)
    }

    let handler: WorkerHandler
    let call: Call
    /// How long to wait for a lease, or for changes.
    let waitMilliseconds: Int

    static let waitMillisecondsMax = 60_000

    init(
        _ method: HTTPMethod, _ segments: [String], _ query: [String: String], body: [UInt8]
    ) throws(CosmosError) {
        guard segments.count >= 3, segments.count <= 5,
            let handler = WorkerHandler(segments[2], database: segments[0], container: segments[1])
        else { throw .notFound }
        self.handler = handler
        var fields = JSONValue.object(query.map { JSONMember($0.key, .string($0.value)) })
        if method == .post {
            guard let json = try? JSONValue(parsing: body), json.members != nil else { throw .unreadableBody }
            fields = json
        }
        waitMilliseconds = try fields.number("waitMilliseconds", in: 0...Self.waitMillisecondsMax) ?? 0
        switch (method, segments.dropFirst(3).first, segments.dropFirst(4).first) {
        case (.get, nil, nil): call = .list
        case (.post, "acquire", nil): call = .acquire(try WorkerClaim(fields))
        case (.post, let range?, "renew"): call = .renew(try LeaseTerm(range, fields))
        case (.post, let range?, "release"): call = .release(try LeaseTerm(range, fields))
        case (.get, let range?, "changes"):
            call = .changes(
                try LeaseTerm(range, fields), after: try fields.number("after", in: 0...Int.max).map { UInt64($0) },
                countMax: try fields.number("max", in: 1...Container.pageItemsMax) ?? Container.pageItemsMax,
                seesOwnChanges: fields["own"]?.string == "true")
        case (.post, let range?, "commit"):
            call = .commit(try LeaseTerm(range, fields), try LeaseCommit(fields))
        default: throw .notFound
        }
    }
}

/// A lease as its owner names it, and how long it is to last from now on.
struct LeaseTerm: Sendable {
    let rangeNumber: UInt64
    let epoch: UInt64
    let milliseconds: Int

    fileprivate init(_ range: String, _ fields: JSONValue) throws(CosmosError) {
        guard let rangeNumber = UInt64(range) else { throw .notFound }
        guard let epoch = try fields.number("epoch", in: 1...Int.max) else {
            throw .badRequest("The lease's epoch is missing.")
        }
        self.rangeNumber = rangeNumber
        self.epoch = UInt64(epoch)
        milliseconds = try fields.number("milliseconds", in: WorkerLeases.millisecondsBounds)
            ?? WorkerLeases.millisecondsDefault
    }
}

/// What a worker commits: how far it is, what it put out, and what it gives up.
struct LeaseCommit: Sendable {
    let lsn: UInt64?
    var outputs: [LeaseOutput] = []
    var deadLetters: [WorkerDeadLetter] = []
    /// The ids of dead letters that were handed over again and are handled.
    var settled: [String] = []

    fileprivate init(_ fields: JSONValue) throws(CosmosError) {
        lsn = try fields.number("lsn", in: 0...Int.max).map { UInt64($0) }
        for output in fields["outputs"]?.array ?? [] { outputs.append(try LeaseOutput(output)) }
        for letter in fields["deadLetters"]?.array ?? [] {
            guard let lsn = try letter.number("lsn", in: 0...Int.max), let key = letter["idempotencyKey"]?.string else {
                throw .badRequest("A dead letter has the lsn and the idempotencyKey of its change.")
            }
            deadLetters.append(
                WorkerDeadLetter(
                    lsn: UInt64(lsn), idempotencyKey: key, message: letter["error"]?.string ?? "",
                    attemptCount: try letter.number("attempts", in: 1...Int.max) ?? 1))
        }
        for id in fields["settled"]?.array ?? [] {
            guard let id = id.string else { throw .badRequest("What is settled is named by its id, as text.") }
            settled.append(id)
        }
        guard max(outputs.count, deadLetters.count, settled.count) <= LeaseOutput.countMax else {
            throw .badRequest(
                "A commit has at most \(LeaseOutput.countMax) outputs, and as many dead letters and settled ones.")
        }
    }
}

extension WorkerClaim {
    fileprivate init(_ fields: JSONValue) throws(CosmosError) {
        guard let owner = fields["owner"]?.string, let claim = WorkerClaim(owner: owner) else {
            throw .badRequest("The owner's name is missing, or longer than 200 bytes.")
        }
        self = claim
        if let range = fields["range"] {
            guard let number = range.string.flatMap({ UInt64($0) }) else {
                throw .badRequest("A range is named by its id, as text.")
            }
            rangeNumber = number
        }
        milliseconds = try fields.number("milliseconds", in: WorkerLeases.millisecondsBounds) ?? milliseconds
        switch fields["start"]?.string {
        case nil, "beginning": start = .beginning
        case "now": start = .now
        default: throw .badRequest("A handler starts from 'beginning' or from 'now'.")
        }
    }
}

extension JSONValue {
    /// A number of a request, which a query has as text; nil where there is none.
    fileprivate func number(_ name: String, in bounds: ClosedRange<Int>) throws(CosmosError) -> Int? {
        guard let value = self[name], !value.isNull else { return nil }
        guard let number = value.int64 ?? value.string.flatMap({ Int64($0) }), bounds.contains(Int(clamping: number))
        else { throw .badRequest("\(name) is a whole number from \(bounds.lowerBound) to \(bounds.upperBound).") }
        return Int(clamping: number)
    }
}
