import Foundation
import OrreryDatabase
import OrreryDocuments

/// How fast a reader that starts at the beginning catches up with a container's changes: in process, and over HTTP in
/// pages.
struct FeedBenchmark {
    let changeCount: Int

    /// Changes a second that are good enough.
    static let inProcessMin = 300_000.0
    static let overHTTPMin = 100_000.0

    func run() throws {
        try readInProcess()
        try readOverHTTP()
    }

    private func readInProcess() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-feed-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let account = try Account(directory: folder.path)
        let container = try BenchContainer.make(in: account)
        try BenchContainer.fill(container, count: changeCount, text: Self.text)
        for range in container.ranges {
            var (count, lsn) = (0, UInt64(0))
            let start = monotonicNanoseconds()
            while true {
                let page = try container.changes(
                    of: range, in: .container, after: lsn, sinceSeconds: nil, itemCountMax: nil)
                if page.items.isEmpty { break }
                count += page.items.count
                lsn = page.lsn
            }
            judge("in process", count: count, since: start, atLeast: Self.inProcessMin)
        }
        account.close()
    }

    private func readOverHTTP() throws {
        let server = try OrreryServer()
        let number = Counter()
        // A hundred to a batch, so that the filling takes less time than the reading is worth.
        let fill = LoadGenerator(
            port: server.port, connectionCount: 32, seconds: 600, requestCountMax: changeCount / 100
        ) {
            let first = number.next() * 100
            return OrreryServer.batch((first..<(first + 100)).map { Self.text($0) }, partitionKey: "k")
        }
        if try fill.run().failureCount > 0 { throw BenchError(description: "creates were refused") }
        let descriptor = try connectLoopback(port: server.port)
        defer { close(descriptor) }
        var (count, tag) = (0, "")
        let start = monotonicNanoseconds()
        while true {
            let answer = try FeedPage(descriptor: descriptor, request: OrreryServer.changes(after: tag))
            if answer.rowCount == 0 { break }
            count += answer.rowCount
            tag = answer.tag
        }
        judge("over HTTP", count: count, since: start, atLeast: Self.overHTTPMin)
        withExtendedLifetime(server) {}
    }

    /// A change's document: small, so that what is measured is the feed rather than the copying of texts.
    private static func text(_ number: Int) -> String {
        #"{"id":"\#(number)","customer":"k","status":"open","total":2339.1,"lines":[{"sku":"A-4711","quantity":3}]}"#
    }

    private func judge(_ name: String, count: Int, since start: UInt64, atLeast least: Double) {
        let rate = Double(count) / (Double(monotonicNanoseconds() - start) / 1e9)
        print("\nCatch-up \(name): \(count) changes at \(Int(rate)) a second")
        print("must hold: at least \(Int(least)) a second — \(rate >= least ? "holds" : "FAILS")")
    }
}

/// One page of a change feed, read from a connection that is kept.
private struct FeedPage {
    var rowCount = 0
    var tag = ""

    init(descriptor: Int32, request: [UInt8]) throws {
        _ = unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { throw BenchError(description: "the server closed a connection") }
            received += buffer.prefix(count)
            guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).lowercased().split(
                whereSeparator: \.isNewline)
            func field(_ name: String) -> String? {
                lines.first { $0.hasPrefix(name + ":") }
                    .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
            }
            guard let status = lines.first, status.hasPrefix("http/1.1 200") || status.hasPrefix("http/1.1 304") else {
                throw BenchError(description: "unexpected answer: \(lines.first ?? "")")
            }
            let byteCount = field("content-length").flatMap { Int($0) } ?? 0
            while received.count < end.upperBound + byteCount {
                let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
                if count <= 0 { throw BenchError(description: "the server closed a connection") }
                received += buffer.prefix(count)
            }
            rowCount = field("x-ms-item-count").flatMap { Int($0) } ?? 0
            tag = field("etag") ?? ""
            return
        }
    }
}
