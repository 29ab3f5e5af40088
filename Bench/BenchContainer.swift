// Only to be linked: a container in process has the heap that the server has.
import CJemalloc
import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import Synchronization

/// A container in process, made and filled for a measurement.
enum BenchContainer {
    static func make(in account: Account) throws -> Container {
        let database = try account.createDatabase(
            DatabaseDefinition(JSONValue(parsing: Array(#"{"id":"b"}"#.utf8))), throughput: nil)
        let definition = #"{"id":"c","partitionKey":{"paths":["/customer"],"kind":"Hash","version":2}}"#
        let resource = try account.createContainer(
            ContainerDefinition(JSONValue(parsing: Array(definition.utf8))), in: database.resourceID, throughput: nil)
        return try account.openContainer(resource.resourceID)
    }

    /// Creates documents, many at a time.
    static func fill(_ container: Container, count: Int, text: (Int) -> String) throws {
        try commit(to: container, count: count) { number in
            try container.preparingCreate(
                Container.document(parsing: Array(text(number).utf8)), partitionKey: nil)
        }
    }

    /// Documents that a load commits together: all of them or none, as a COPY is all or nothing.
    private static let loadedTogether = 32

    /// Creates documents from their texts by some threads, many at a time, and waits until the full parts of the index
    /// are in files.
    static func load(_ container: Container, texts: [[UInt8]], threadCount: Int) throws {
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: threadCount) { thread in
            let first = texts.count * thread / threadCount
            let end = texts.count * (thread + 1) / threadCount
            do {
                try load(container, texts: texts[first..<end])
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        try waitUntilFlushed(container)
    }

    private static func load(_ container: Container, texts: ArraySlice<[UInt8]>) throws {
        guard let range = container.ranges(of: .container).first else { return }
        try pacing(inFlight: 16) { free, failures in
            for start in stride(from: texts.startIndex, to: texts.endIndex, by: loadedTogether) {
                free.wait()
                let operations = try texts[start..<min(start + loadedTogether, texts.endIndex)].map {
                    try container.preparingCreate(Container.document(parsing: $0), partitionKey: nil)
                }
                container.commit(operations, in: range, checkpoint: nil) { outcome in
                    if case .failure = outcome { _ = failures.next() }
                    free.signal()
                }
            }
        }
    }

    /// Waits until the full parts of the index are in files.
    static func waitUntilFlushed(_ container: Container) throws {
        for range in container.ranges(of: .container) {
            while try container.statistics(of: range).frozenDeltas > 0 { usleep(1000) }
        }
    }

    /// Creates or replaces documents, many at a time.
    static func upsert(_ container: Container, count: Int, text: (Int) -> String) throws {
        try commit(to: container, count: count) { number in
            try container.preparingCreate(
                Container.document(parsing: Array(text(number).utf8)), partitionKey: nil, isUpsert: true)
        }
    }

    /// Deletes documents of the customer "c", many at a time.
    static func delete(_ container: Container, count: Int, id: (Int) -> String) throws {
        try commit(to: container, count: count) { number in
            try container.preparingDelete(id: Array(id(number).utf8), partitionKey: PartitionKey([.string("c")]))
        }
    }

    private static func commit(
        to container: Container, count: Int, _ operation: (Int) throws -> ItemOperation
    ) throws {
        try pacing(inFlight: 512) { free, failures in
            for number in 0..<count {
                free.wait()
                container.commit([try operation(number)]) { outcome in
                    if case .failure = outcome { _ = failures.next() }
                    free.signal()
                }
            }
        }
    }

    /// Lets so many commits be under way at a time, and waits for the last ones.
    private static func pacing(inFlight: Int, _ body: (DispatchSemaphore, Counter) throws -> Void) throws {
        let free = DispatchSemaphore(value: inFlight)
        let failures = Counter()
        try body(free, failures)
        for _ in 0..<inFlight { free.wait() }
        for _ in 0..<inFlight { free.signal() }
        if failures.count > 0 { throw BenchError(description: "\(failures.count) commits were refused") }
    }
}

extension BenchContainer {
    /// Creates the usual documents, so many at a time, until a moment. Tells `finished` each one's latency in
    /// nanoseconds and whether it failed, from other threads.
    static func create(
        in container: Container, inFlight: Int, untilNanoseconds end: UInt64, numbers: Counter,
        finished: @escaping @Sendable (UInt64, Bool) -> Void
    ) throws {
        let free = DispatchSemaphore(value: inFlight)
        while monotonicNanoseconds() < end {
            free.wait()
            let began = monotonicNanoseconds()
            let document = try Container.document(parsing: BenchDocument.bytes(numbers.next()))
            let operation = try container.preparingCreate(document, partitionKey: nil)
            container.commit([operation]) { outcome in
                let isFailure = if case .failure = outcome { true } else { false }
                finished(monotonicNanoseconds() - began, isFailure)
                free.signal()
            }
        }
        for _ in 0..<inFlight { free.wait() }
        for _ in 0..<inFlight { free.signal() }
    }
}

/// Numbers from 0 on, each given once.
final class Counter: Sendable {
    private let value = Atomic(0)

    func next() -> Int { value.add(1, ordering: .relaxed).oldValue }

    /// How many were given.
    var count: Int { value.load(ordering: .relaxed) }
}
