@testable import OrreryEngine
import Testing

@Suite struct FifoTests {
    @Test func elementsComeInTheirOrder() {
        var queue = Fifo<Int>()
        var next = 0
        var wanted = 0
        for round in 0..<200 {
            for _ in 0..<(round % 7) {
                queue.append(next)
                next += 1
            }
            for _ in 0..<(round % 5) where wanted < next {
                #expect(queue.next() == wanted)
                wanted += 1
            }
        }
        while wanted < next {
            #expect(queue.next() == wanted)
            wanted += 1
        }
        #expect(queue.next() == nil)
    }

    @Test func aQueueThatNeverRunsEmptyStaysSmall() {
        var queue = Fifo<Int>()
        for number in 0..<10 { queue.append(number) }
        for number in 0..<100_000 {
            queue.append(number)
            _ = queue.next()
        }
        #expect(queue.storedCount <= 22)
    }
}
