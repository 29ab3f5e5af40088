/// A queue: first in, first out. What was taken is let go of, also when the queue never runs empty.
public struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    /// An empty queue.
    public init() {}

    /// How many wait.
    public var count: Int { elements.count - head }

    /// Places taken in memory: at most about twice the elements that wait.
    var storedCount: Int { elements.count }

    public mutating func append(_ element: Element) {
        elements.append(element)
    }

    /// The oldest; nil when there is none.
    public var first: Element? { head < elements.count ? elements[head] : nil }

    /// Puts an element before all others, as when it was taken too soon.
    public mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            elements[head] = element
        } else {
            elements.insert(element, at: 0)
        }
    }

    /// Takes the oldest; nil when there is none.
    public mutating func next() -> Element? {
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
