import Dispatch
import Foundation
import OrreryDocuments
import OrreryHTTP
import Synchronization
import Testing

@testable import OrreryCosmos

/// Whoever has a session token sees what its holder saw: under many writers, through a split, after a restart. A server
/// that does not have it any more says so, and shows nothing older.
@Suite struct SessionConsistencyTests {
    /// What clients tell each other: what was written to an item, and the token that came with the answer.
    private final class Board: Sendable {
        struct Note: Sendable {
            let value: Int
            let token: String
        }

        private let notes = Mutex<[String: Note]>([:])
        private let faults = Mutex<[String]>([])

        func put(_ id: String, _ note: Note) {
            // Each item has one writer, which writes one value after the other.
            notes.withLock { $0[id] = note }
        }

        var all: [String: Note] { notes.withLock { $0 } }

        func report(_ fault: String) { faults.withLock { $0.append(fault) } }
        var reported: [String] { faults.withLock { $0 } }
    }

    /// How a reader asks for an item.
    private enum Way: CaseIterable {
        case point, query, list
    }

    private static let container = "/dbs/d/colls/c"
    private static let writerCount = 8
    private static let itemsPerWriter = 5

    private static func makeContainer(_ service: TestService) {
        #expect(service.send("POST", "/dbs", body: #"{"id":"d"}"#).status == 201)
        let body = #"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#
        let made = service.send("POST", "/dbs/d/colls", [("x-ms-offer-throughput", "10000")], body: body)
        #expect(made.status == 201)
    }

    private static func write(_ service: TestService, _ id: String, _ value: Int) -> Board.Note? {
        let response = service.send(
            "POST", container + "/docs", [("x-ms-documentdb-is-upsert", "True")],
            body: #"{"id":"\#(id)","pk":"\#(id)","n":\#(value)}"#)
        guard response.status < 300, let token = response.headers["x-ms-session-token"] else { return nil }
        return Board.Note(value: value, token: token)
    }

    /// What a reader with a token sees of an item: its value, or the status and substatus of a refusal.
    private static func read(
        _ service: TestService, _ id: String, _ way: Way, token: String?
    ) -> (value: Int?, refusal: String) {
        var headers: [(name: String, value: String)] = [("x-ms-documentdb-partitionkey", #"["\#(id)"]"#)]
        if let token { headers.append(("x-ms-session-token", token)) }
        var (method, target, body) = ("GET", container + "/docs", "")
        switch way {
        case .point: target += "/" + id
        case .query:
            headers.append(("x-ms-documentdb-isquery", "true"))
            (method, body) = ("POST", #"{"query":"SELECT * FROM c WHERE c.n >= 0"}"#)
        case .list: break
        }
        let response = service.send(method, target, headers, body: body)
        guard response.status == 200, let json = try? JSONValue(parsing: response.body) else {
            return (nil, "\(response.status)/\(response.headers["x-ms-substatus"] ?? "")")
        }
        let item = way == .point ? json : json["Documents"]?.array?.first { $0["id"]?.string == id }
        return (item?["n"]?.int64.flatMap { Int(exactly: $0) }, "")
    }

    /// Reads everything on the board with the tokens there, in every way.
    private static func check(_ service: TestService, _ board: Board) {
        for (id, note) in board.all {
            for way in Way.allCases {
                let seen = read(service, id, way, token: note.token)
                if (seen.value ?? -1) < note.value {
                    board.report("\(way) of \(id): \(seen.value ?? -1) \(seen.refusal), not \(note.value)")
                }
            }
        }
    }

    /// Each thread writes its own items and reads its own and those of others, with the tokens that their writers got.
    private static func load(_ service: TestService, _ board: Board, rounds: Range<Int>, splitting: Bool) {
        DispatchQueue.concurrentPerform(iterations: writerCount + 1) { thread in
            if thread == writerCount {
                if splitting { raise(service, board) }
                return
            }
            var random = SystemRandomNumberGenerator()
            for round in rounds {
                let own = "\(thread)-\(round % itemsPerWriter)"
                guard let note = write(service, own, round) else {
                    board.report("a write of \(own) was refused")
                    continue
                }
                board.put(own, note)
                for _ in 0..<3 {
                    guard let (id, note) = board.all.randomElement(using: &random),
                        let way = Way.allCases.randomElement(using: &random)
                    else { continue }
                    let seen = read(service, id, way, token: note.token)
                    if (seen.value ?? -1) < note.value {
                        board.report("\(way) of \(id): \(seen.value ?? -1) \(seen.refusal), not \(note.value)")
                    }
                }
            }
        }
    }

    private static func raise(_ service: TestService, _ board: Board) {
        let offers = try? JSONValue(parsing: service.send("GET", "/offers").body)["Offers"]?.array
        guard var offer = offers?.first, let link = offer["_self"]?.string else {
            board.report("no offer")
            return
        }
        offer["content"] = ["offerThroughput": 30_000]
        let raised = service.send("PUT", "/" + link, body: String(decoding: offer.text, as: UTF8.self))
        if raised.status != 200 { board.report("the offer was not raised: \(raised.text)") }
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "orrery-session-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    @Test func aTokensHolderSeesWhatWasWritten() throws {
        try withDirectory { directory in
            let board = Board()
            do {
                let service = try TestService(directory: directory)
                Self.makeContainer(service)
                Self.load(service, board, rounds: 0..<20, splitting: true)
            }
            #expect(board.all.count == Self.writerCount * Self.itemsPerWriter)
            for turn in 1...2 {
                let service = try TestService(directory: directory)
                let ranges = try JSONValue(parsing: service.send("GET", Self.container + "/pkranges").body)
                #expect(ranges["PartitionKeyRanges"]?.array?.count == 3)
                Self.check(service, board)
                Self.load(service, board, rounds: (turn * 20)..<(turn * 20 + 5), splitting: false)
            }
            #expect(board.reported == [])
        }
    }

    /// A store that was put back to an earlier state: the checker finds it where clients send no tokens, and where they
    /// do the server refuses rather than show what was.
    @Test func anOlderStoreIsFoundOut() throws {
        try withDirectory { directory in
            let (now, old) = (directory + "/now", directory + "/old")
            try FileManager.default.createDirectory(atPath: now, withIntermediateDirectories: true)
            let board = Board()
            do {
                let service = try TestService(directory: now)
                Self.makeContainer(service)
                Self.load(service, board, rounds: 0..<5, splitting: false)
            }
            try FileManager.default.copyItem(atPath: now, toPath: old)
            do {
                let service = try TestService(directory: now)
                Self.load(service, board, rounds: 5..<10, splitting: false)
            }
            #expect(board.reported == [])
            let service = try TestService(directory: old)
            for (id, note) in board.all {
                for way in Way.allCases {
                    let blind = Self.read(service, id, way, token: nil)
                    #expect(blind.value == note.value - 5, "\(way)")
                    let seen = Self.read(service, id, way, token: note.token)
                    #expect(seen.value == nil && seen.refusal == "404/1002", "\(way) of \(id): \(seen)")
                }
            }
            Self.check(service, board)
            #expect(board.reported.count == 3 * board.all.count)
        }
    }
}
