/// A queue: first in, first out. What was taken is let go of, also when the queue never runs empty.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    /// How many wait.
    var count: Int { elements.count - head }

    /// Places taken in memory: at most about twice the elements that wait.
    var storedCount: Int { elements.count }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    /// Takes the oldest; nil when there is none.
    mutating func next() -> Element? {
        guard head < elements.count, let element = elements[head] else { return nil }
        elements[head] = nil
        head += 1
        // Moving the rest to the front costs no more than what was taken since the last time.
        if head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }
}

extension Fifo: Sendable where Element: Sendable {}
