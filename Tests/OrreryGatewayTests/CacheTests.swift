import Foundation
import OrreryDocuments
import OrreryHTTP
import Synchronization
import TestSupport
import Testing

@testable import OrreryGateway

/// A container that counts its changes, by the rules of one that others write to at any time.
final class PlayedContainer: ContainerFollowing, Sendable {
    private struct State {
        var changes: [[UInt8]] = []
        /// Changes before are not known any more.
        var horizon = 0
        var isGone = false
    }

    private let state = Mutex(State())

    func write(_ key: String) { state.withLock { $0.changes.append(Array(key.utf8)) } }
    func forget() { state.withLock { $0.horizon = $0.changes.count } }
    func go() { state.withLock { $0.isGone = true } }

    func changes(
        of database: String, _ container: String, since place: ContainerPlace?
    ) -> (place: ContainerPlace, changes: ContainerChanges)? {
        state.withLock { state in
            if state.isGone { return nil }
            let now = ContainerPlace(resourceID: [1], lsns: [0: UInt64(state.changes.count)])
            guard let start = place?.lsns[0].map(Int.init), start >= state.horizon else { return (now, .unknown) }
            return (now, .keys(Array(Set(state.changes[start...]))))
        }
    }

    func name(ofKey values: [String], in database: String, _ container: String) -> [UInt8]? {
        values.count == 1 ? Array(values[0].utf8) : nil
    }
}

extension AnswerCache.Key: ExpressibleByArrayLiteral {
    public init(arrayLiteral bytes: UInt8...) { self.init(bytes) }
}

@Suite struct CacheTests {
    // MARK: What is kept

    private func answer(_ bytes: Int) -> HTTPResponse {
        HTTPResponse(status: 200, body: [UInt8](repeating: 1, count: bytes))
    }

    private func entry(_ bytes: Int, end: UInt64 = .max) -> AnswerCache.Entry {
        AnswerCache.Entry(answer: answer(bytes), source: nil, storedNanoseconds: 0, endNanoseconds: end)
    }

    @Test func whatWasNotAskedForLongestGoes() {
        let cache = AnswerCache(bytesMax: 4000)
        for key in 1...3 { cache.store(AnswerCache.Key([UInt8(key)]), entry(1000)) }
        #expect(cache.entry([1], at: 0) != nil)
        cache.store([4], entry(1000))
        #expect([1, 2, 3, 4].map { cache.entry([$0], at: 0) != nil } == [true, false, true, true])
        #expect(cache.byteCount <= 4000)
        cache.store([1], entry(10))
        cache.store([5], entry(900))
        #expect([1, 3, 4, 5].map { cache.entry([$0], at: 0) != nil } == [true, true, true, true])
        let none = AnswerCache(bytesMax: 0)
        none.store([1], entry(10))
        #expect(none.entry([1], at: 0) == nil && none.byteCount == 0)
    }

    /// The same as a list that is moved about, whatever is asked of it.
    @Test(arguments: 1...10) func theOrderOfUseIsKept(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let cache = AnswerCache(bytesMax: 3000)
        var model: [(key: UInt8, bytes: Int)] = []
        for step in 0..<2000 {
            let key = UInt8.random(in: 0..<12, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0...1:
                let bytes = Int.random(in: 0...700, using: &random)
                cache.store([key], entry(bytes))
                model.removeAll { $0.key == key }
                model.append((key, bytes))
                while model.reduce(0, { $0 + $1.bytes + 257 }) > 3000 { model.removeFirst() }
            case 2:
                cache.remove([key])
                model.removeAll { $0.key == key }
            default:
                let found = cache.entry([key], at: 0)?.answer.body.count
                #expect(found == model.first { $0.key == key }?.bytes, "seed \(seed), step \(step)")
                if let index = model.firstIndex(where: { $0.key == key }) { model.append(model.remove(at: index)) }
            }
            #expect(cache.byteCount == model.reduce(0) { $0 + $1.bytes + 257 }, "seed \(seed), step \(step)")
        }
    }

    // MARK: Containers

    @Test func aWriteMakesAnswersOld() throws {
        let container = PlayedContainer()
        let recency = ContainerRecency(database: "d", container: "c", container)
        let start = try #require(recency.sequence())
        #expect(recency.isUnchanged(since: start, key: Array("a".utf8)))
        container.write("a")
        #expect(!recency.isUnchanged(since: start, key: Array("a".utf8)))
        #expect(recency.isUnchanged(since: start, key: Array("b".utf8)))
        #expect(!recency.isUnchanged(since: start, key: nil))
        let later = try #require(recency.sequence())
        #expect(recency.isUnchanged(since: later, key: Array("a".utf8)))
        container.write("b")
        container.forget()
        #expect(!recency.isUnchanged(since: later, key: Array("a".utf8)))
        let last = try #require(recency.sequence())
        container.go()
        #expect(!recency.isUnchanged(since: last, key: Array("a".utf8)) && recency.sequence() == nil)
    }

    private final class Race: Sendable {
        let value = Atomic(0)
        let written = Atomic(0)
        let kept = Mutex<(value: Int, sequence: UInt64)?>(nil)
        let old = Atomic(0)
        let hits = Atomic(0)
        let isOver = Atomic(false)
    }

    /// Threads read, keep and write at once: what is given from what was kept is never older than the last write that
    /// was over when it was asked for.
    @Test func readersNeverSeeLessThanWhatWasWritten() {
        let container = PlayedContainer()
        let recency = ContainerRecency(database: "d", container: "c", container)
        let race = Race()
        let key = Array("a".utf8)
        // A queue might let them have their turns one after the other.
        inThreads(4) { index in
            if index == 0 {
                // Until what was kept was often given again, however the threads get their turns.
                for number in 1...200_000 where number <= 3000 || race.hits.load(ordering: .relaxed) < 50 {
                    let isOurs = number % 50 == 0
                    if isOurs { race.value.store(number, ordering: .sequentiallyConsistent) }
                    container.write(isOurs ? "a" : "b")
                    if isOurs { race.written.store(number, ordering: .sequentiallyConsistent) }
                }
                race.isOver.store(true, ordering: .sequentiallyConsistent)
            }
            while index > 0, !race.isOver.load(ordering: .sequentiallyConsistent) {
                let least = race.written.load(ordering: .sequentiallyConsistent)
                if let found = race.kept.withLock({ $0 }), recency.isUnchanged(since: found.sequence, key: key) {
                    race.hits.add(1, ordering: .relaxed)
                    if found.value < least { race.old.add(1, ordering: .relaxed) }
                } else if let sequence = recency.sequence() {
                    let read = race.value.load(ordering: .sequentiallyConsistent)
                    race.kept.withLock { $0 = (read, sequence) }
                }
            }
        }
        #expect(race.old.load(ordering: .relaxed) == 0)
        #expect(race.hits.load(ordering: .relaxed) > 0)
    }

    private func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let done = DispatchGroup()
        for index in 0..<count {
            done.enter()
            Thread.detachNewThread {
                body(index)
                done.leave()
            }
        }
        done.wait()
    }

    // MARK: Policies

    private static let lookup = #"{"policy":"cache-lookup"},{"policy":"cache-store","seconds":60}"#

    private func subscription(_ id: String, key: String) -> String {
        let digest = Subscription.digest(ofKey: key)
        return #"{"kind":"subscription","id":"\#(id)","product":"p","primaryKeyDigest":"\#(digest)"}"#
    }

    /// - Parameter template: what is made of answers.
    private func documents(_ policies: String = lookup, template: String = "{}") -> [String] {
        [
            #"{"kind":"product","id":"p","apis":["a"]}"#,
            subscription("s1", key: "k1"), subscription("s2", key: "k2"),
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"policies":[\#(policies)],"operations":["#
                + #"{"id":"get","method":"GET","path":"/{*rest}","response":\#(template),"#
                + #""backend":{"url":"http://back.example"}},"#
                + #"{"id":"post","method":"POST","path":"/{*rest}","backend":{"url":"http://back.example"}}]}"#,
        ]
    }

    private func proxy(_ policies: String = lookup, template: String = "{}") throws -> TestGateway {
        let gateway = try TestGateway(documents(policies, template: template))
        gateway.answerBackend(.success(HTTPClientResponse(status: 200, body: Array("one".utf8))))
        return gateway
    }

    @Test func anAnswerIsGivenAgainUntilItsTimeIsOver() throws {
        let gateway = try proxy()
        #expect(gateway.send("GET", "/a/x?b=1")?.headers["age"] == nil)
        gateway.answerBackend(.success(HTTPClientResponse(status: 200, body: Array("two".utf8))))
        gateway.pass(seconds: 59)
        let again = gateway.send("GET", "/a/x?b=1")
        #expect(again?.text == "one" && again?.headers["age"] == "59" && gateway.passedOn.count == 1)
        #expect(gateway.send("GET", "/a/x?b=2")?.text == "two")
        #expect(gateway.send("GET", "/a/y?b=1")?.text == "two")
        #expect(gateway.send("POST", "/a/x?b=1")?.status == 200 && gateway.passedOn.count == 4)
        gateway.pass(seconds: 1)
        #expect(gateway.send("GET", "/a/x?b=1")?.text == "two" && gateway.passedOn.count == 5)
    }

    /// What one caller is answered no other is.
    @Test func callersAreKeptApart() throws {
        let gateway = try proxy()
        for (index, headers) in [
            [], [("Ocp-Apim-Subscription-Key", "k1")], [("Ocp-Apim-Subscription-Key", "k2")],
        ].enumerated() {
            for _ in 0..<2 { #expect(gateway.send("GET", "/a", headers)?.status == 200) }
            #expect(gateway.passedOn.count == index + 1)
        }
        // The key may stand in the query just as well, and is not passed on.
        #expect(gateway.send("GET", "/a?subscription-key=k1")?.text == "one" && gateway.passedOn.count == 3)
    }

    @Test func whoShowsATokenIsAskedForAnew() throws {
        let gateway = try proxy()
        for _ in 0..<2 { _ = gateway.send("GET", "/a", [("Authorization", "Bearer x")]) }
        #expect(gateway.passedOn.count == 2)
        let allowing = try proxy(
            #"{"policy":"cache-lookup","allowAuthorization":true},{"policy":"cache-store","seconds":60}"#)
        for token in ["x", "x", "y", "y"] { _ = allowing.send("GET", "/a", [("Authorization", "Bearer \(token)")]) }
        #expect(allowing.passedOn.count == 2)
    }

    @Test func configurationSaysWhatCounts() throws {
        let gateway = try proxy(
            #"{"policy":"cache-lookup","varyByHeaders":["Accept"],"varyByQuery":["b"],"shared":true},"#
                + #"{"policy":"cache-store","seconds":60}"#)
        for (target, accept, count) in [
            ("/a?b=1&c=1", "x", 1), ("/a?b=1&c=2", "x", 1), ("/a?b=1", "y", 2), ("/a?b=2", "x", 3), ("/a?b=2", "x", 3),
        ] {
            _ = gateway.send("GET", target, [("Accept", accept), ("Ocp-Apim-Subscription-Key", "k\(count % 2 + 1)")])
            #expect(gateway.passedOn.count == count, "\(target) \(accept)")
        }
    }

    @Test(arguments: [
        (404, []), (206, []), (200, [("Set-Cookie", "a=b")]), (200, [("Vary", "Accept")]),
        (200, [("Cache-Control", "private, max-age=9")]), (200, [("Cache-Control", "NO-STORE")]),
        (200, [("Cache-Control", "s-maxage=0, max-age=60")]), (200, [("Cache-Control", "max-age=x")]),
    ] as [(Int, [(name: String, value: String)])])
    func whatMustNotBeKept(_ status: Int, _ headers: [(name: String, value: String)]) throws {
        let gateway = try proxy()
        gateway.answerBackend(.success(HTTPClientResponse(status: status, headers: HTTPHeaders(headers))))
        for _ in 0..<2 { #expect(gateway.send("GET", "/a")?.status == status) }
        #expect(gateway.passedOn.count == 2)
    }

    @Test func anAnswerSaysForHowLong() throws {
        let gateway = try proxy()
        gateway.answerBackend(
            .success(HTTPClientResponse(status: 200, headers: HTTPHeaders([("Cache-Control", "max-age=5")]))))
        for (seconds, count) in [(4.0, 1), (1, 2)] {
            _ = gateway.send("GET", "/a")
            gateway.pass(seconds: seconds)
            _ = gateway.send("GET", "/a")
            #expect(gateway.passedOn.count == count)
        }
    }

    @Test func aCallerThatHasTheAnswerIsToldSo() throws {
        let gateway = try proxy()
        gateway.answerBackend(
            .success(HTTPClientResponse(status: 200, headers: HTTPHeaders([("ETag", "\"1\"")]), body: [1])))
        _ = gateway.send("GET", "/a")
        for (tag, status) in [("\"1\"", 304), ("W/\"1\", \"2\"", 304), ("\"2\"", 200), ("*", 304)] {
            #expect(gateway.send("GET", "/a", [("If-None-Match", tag)])?.status == status)
        }
        #expect(gateway.passedOn.count == 1)
    }

    private func configure(_ gateway: TestGateway, _ documents: [String]) throws {
        #expect(gateway.gateway.configure(try documents.map { try JSONValue(parsing: $0) }) == [])
    }

    @Test func aNewConfigurationForgetsAll() throws {
        let gateway = try proxy()
        for _ in 0..<2 { _ = gateway.send("GET", "/a") }
        #expect(gateway.passedOn.count == 1)
        try configure(gateway, documents())
        for _ in 0..<2 { _ = gateway.send("GET", "/a") }
        #expect(gateway.passedOn.count == 2)
    }

    /// What a call is answered that was under way when the configuration changed was made by the old one.
    @Test func callsUnderWayKeepNothingForANewConfiguration() throws {
        let gateway = try proxy()
        gateway.tellSlowly()
        let call = gateway.begin("GET", "/a")
        try configure(gateway, documents())
        gateway.tell(.head(HTTPClientResponse(status: 200)))
        gateway.tell(.finished)
        #expect(call.answer?.status == 200)
        _ = gateway.begin("GET", "/a")
        #expect(gateway.passedOn.count == 2)
    }

    /// What an operation makes of an answer is made for each caller.
    @Test func templatesAreFilledInAnew() throws {
        let shared = #"{"policy":"cache-lookup","shared":true},{"policy":"cache-store","seconds":60}"#
        let gateway = try proxy(
            shared,
            template: #"{"headers":{"X-For":"{request.headers.X-Name}"},"body":"for {request.headers.X-Name}"}"#)
        for name in ["ada", "bob"] {
            let answer = gateway.send("GET", "/a", [("X-Name", name)])
            #expect(answer?.headers["x-for"] == name && answer?.text == "for \(name)")
        }
        #expect(gateway.passedOn.count == 1)
    }

    @Test func failuresAreNotMadeGood() throws {
        let gateway = try proxy(template: #"{"status":"200","body":"fine"}"#)
        gateway.answerBackend(.failure(.broken))
        #expect(gateway.send("GET", "/a")?.status == 502)
        // What the server itself says may be; but it is not kept.
        gateway.answerBackend(.success(HTTPClientResponse(status: 503)))
        for _ in 0..<2 { #expect(gateway.send("GET", "/a")?.text == "fine") }
        #expect(gateway.passedOn.count == 3)
    }

    @Test func callsWithBodiesAreNotAlike() throws {
        let gateway = try proxy()
        for body in ["", "x", ""] { #expect(gateway.send("GET", "/a", body: body)?.status == 200) }
        #expect(gateway.passedOn.count == 2)
    }

    @Test func cookiesAreCredentials() throws {
        func count(_ policy: String) throws -> Int {
            let gateway = try proxy(#"{"policy":"cache-lookup"\#(policy)},{"policy":"cache-store","seconds":60}"#)
            for cookie in ["x", "x", "y", "y"] { _ = gateway.send("GET", "/a", [("Cookie", "id=\(cookie)")]) }
            return gateway.passedOn.count
        }
        #expect(try count("") == 4)
        #expect(try count(#","shared":true"#) == 4)
        #expect(try count(#","allowAuthorization":true"#) == 2)
        #expect(try count(#","varyByHeaders":["cookie"],"shared":true"#) == 2)
    }

    /// All values of a field count, for the answer may come of any.
    @Test(arguments: [
        (#","varyByHeaders":["Accept"],"shared":true"#, "Accept"), (#","allowAuthorization":true"#, "Cookie"),
        (#","allowAuthorization":true"#, "Authorization"),
    ])
    func secondValuesCount(_ policy: String, _ name: String) throws {
        let gateway = try proxy(#"{"policy":"cache-lookup"\#(policy)},{"policy":"cache-store","seconds":60}"#)
        for (values, count) in [(["x", "y"], 1), (["x", "z"], 2), (["x"], 3), (["x", "y"], 3), (["x,y"], 4)] {
            _ = gateway.send("GET", "/a", values.map { (name, $0) })
            #expect(gateway.passedOn.count == count, "\(values)")
        }
    }

    @Test func revisionsAreKeptApart() throws {
        let current = documents()
        let other = current[3].replacing(#""id":"a","path":"/a""#, with: #""id":"a;rev=2""#)
        let gateway = try proxy()
        try configure(gateway, current + [other])
        for _ in 0..<2 {
            #expect(gateway.send("GET", "/a/x")?.status == 200)
            #expect(gateway.send("GET", "/a;rev=2/x")?.status == 200)
        }
        #expect(gateway.passedOn.count == 2)
    }

    @Test func containersAreAskedAnewOnceTheyWereWrittenTo() throws {
        let container = PlayedContainer()
        let gateway = try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"policies":[\#(Self.lookup)],"#
                + #""resource":{"container":"d/c","partitionKey":["{request.querystring.lane}"],"#
                + #""filters":["status"],"acrossPartitions":true}}"#
        ], following: container)
        func count(_ target: String) -> Int {
            #expect(gateway.send("GET", target)?.status == 200)
            return gateway.asked.count
        }
        #expect(count("/a/1?lane=A") == 1 && count("/a/1?lane=A") == 1)
        #expect(count("/a/1?lane=B") == 2 && count("/a?lane=A") == 3 && count("/a") == 4)
        #expect(count("/a?lane=A&status=x") == 5 && count("/a?lane=A&status=x") == 5)
        container.write("B")
        #expect(count("/a/1?lane=A") == 5 && count("/a?lane=A") == 5)
        #expect(count("/a/1?lane=B") == 6 && count("/a") == 7)
        container.go()
        #expect(count("/a") == 8 && count("/a") == 9)
    }
}
