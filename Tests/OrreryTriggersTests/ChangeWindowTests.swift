import Testing

import OrreryEngine
@testable import OrreryTriggers

/// Which changes may be handed over next, and how far all are.
@Suite struct ChangeWindowTests {
    private typealias Place = HistoryPlace

    /// A window of changes, one for each letter: its key is the letter, its place the number.
    private func window(_ keys: String, batchCountMax: Int = 10, attemptsMax: Int = 2) -> ChangeWindow {
        var window = ChangeWindow(after: Place(), batchCountMax: batchCountMax, attemptsMax: attemptsMax)
        for (index, key) in keys.enumerated() { window.add(change(UInt64(index + 1)), key: String(key)) }
        window.read(to: Place(lsn: UInt64(keys.count), version: UInt64(keys.count)))
        return window
    }

    private func change(_ number: UInt64) -> TriggerChange {
        TriggerChange(
            kind: .create, id: "\(number)", text: [], previous: nil, lsn: number, version: number,
            timestampMilliseconds: 0, idempotencyKey: "\(number)", deliveryCount: 1)
    }

    private func ids(_ batch: ChangeWindow.Batch?) -> [String] { batch?.changes.map(\.id) ?? [] }

    @Test func aKeyHasOneBatchOnItsWay() {
        var window = window("aabab", batchCountMax: 2)
        let first = window.next()
        #expect(ids(first) == ["1", "2"])
        let second = window.next()
        #expect(ids(second) == ["3", "5"])
        #expect(window.next() == nil)
        #expect(window.place == Place())
        if let second { window.succeed(second) }
        // What is not handled holds the place back.
        #expect(window.place == Place())
        if let first {
            #expect(window.place(after: first) == Place(lsn: 3, version: 3))
            window.succeed(first)
        }
        #expect(window.place == Place(lsn: 3, version: 3))
        let last = window.next()
        #expect(ids(last) == ["4"])
        if let last {
            #expect(window.place(after: last) == Place(lsn: 5, version: 5))
            window.succeed(last)
        }
        #expect(window.place == Place(lsn: 5, version: 5))
        #expect(window.count == 0)
    }

    /// The line of those who wait is never empty, and yet what was in it does not stay.
    @Test func anEndlessBacklogStaysSmall() {
        var window = window("ab", batchCountMax: 1)
        var longest = 0
        for number in UInt64(3)..<20_000 {
            guard let batch = window.next() else {
                Issue.record("nothing was ready")
                return
            }
            window.add(change(number), key: batch.key)
            window.read(to: Place(lsn: number, version: number))
            window.succeed(batch)
            longest = max(longest, window.lineCount)
        }
        #expect(longest < 4096)
        #expect(window.count == 2)
    }

    @Test func aBatchIsHalvedUntilThePoisonStandsAlone() {
        var window = window("aaaaaaaa", batchCountMax: 8)
        var trace: [[String]] = []
        var handled: [String] = []
        var givenUp: [String] = []
        while let batch = window.next() {
            trace.append(ids(batch))
            guard ids(batch).contains("3") else {
                handled += ids(batch)
                window.succeed(batch)
                continue
            }
            if window.fail(batch) == .giveUp {
                givenUp += ids(batch)
                window.succeed(batch)
            } else {
                #expect(window.next() == nil)
                window.resume("a")
            }
        }
        #expect(trace.prefix(3) == [["1", "2", "3", "4", "5", "6", "7", "8"], ["1", "2", "3", "4"], ["1", "2"]])
        #expect(givenUp == ["3"])
        #expect(handled == ["1", "2", "4", "5", "6", "7", "8"])
        #expect(window.place == Place(lsn: 8, version: 8))
    }

    @Test func aKeyThatFailsDoesNotHoldUpOthers() {
        var window = window("ab")
        let a = window.next()
        #expect(ids(a) == ["1"])
        if let a { #expect(window.fail(a) == .retry(failures: 1)) }
        let b = window.next()
        #expect(ids(b) == ["2"])
        if let b { window.succeed(b) }
        #expect(window.next() == nil)
        window.resume("a")
        let again = window.next()
        #expect(again?.attempt == 2)
        #expect(again?.changes.first?.deliveryCount == 2)
    }

    @Test func backOffDoublesWithinItsBounds() {
        let backOff = BackOff(firstMilliseconds: 100, lastMilliseconds: 1000, jitter: 0.5)
        let waits = (1...6).map { backOff.milliseconds(afterFailures: $0, random: 0.5) }
        #expect(waits == [100, 200, 400, 800, 1000, 1000])
        #expect(backOff.milliseconds(afterFailures: 1, random: 0) == 50)
        #expect(backOff.milliseconds(afterFailures: 1, random: 1) == 150)
        #expect(backOff.milliseconds(afterFailures: .max, random: 0.5) == 1000)
    }

    /// Whatever fails in whatever order: each key's changes come in order, each is handled once, the place never passes
    /// what is not handled.
    @Test(arguments: 1...20) func randomRuns(seed: UInt64) {
        print("seed \(seed)")
        var random = Random(state: seed)
        var window = ChangeWindow(after: Place(), batchCountMax: 4, attemptsMax: 3)
        var version: UInt64 = 0
        var running: [ChangeWindow.Batch] = []
        var waiting: [String] = []
        var handled: Set<UInt64> = []
        var lastOfKey: [String: UInt64] = [:]
        var keys: [UInt64: String] = [:]
        for step in 0..<2000 {
            switch random.next() % 4 {
            case 0 where step < 1500:
                version += 1
                keys[version] = "k\(random.next() % 5)"
                window.add(change(version), key: keys[version] ?? "")
                window.read(to: Place(lsn: version, version: version))
            case 1:
                if let batch = window.next() { running.append(batch) }
            case 2 where !running.isEmpty:
                let batch = running.remove(at: Int(random.next() % UInt64(running.count)))
                if random.next() % 3 == 0, case .retry = window.fail(batch) {
                    waiting.append(batch.key)
                    continue
                }
                for change in batch.changes {
                    #expect(handled.insert(change.version).inserted)
                    #expect(lastOfKey[batch.key] ?? 0 < change.version)
                    lastOfKey[batch.key] = change.version
                }
                window.succeed(batch)
            default:
                if !waiting.isEmpty { window.resume(waiting.removeFirst()) }
            }
            let first = (1...max(version, 1)).first { $0 <= version && !handled.contains($0) } ?? version + 1
            #expect(window.place.version < first)
        }
    }
}

private struct Random {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
