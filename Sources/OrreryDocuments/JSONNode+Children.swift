extension JSONNode {
    /// How many elements an array has, or distinct members an object; 0 for anything else.
    public var count: Int { entry.isContainer ? tape.childCount(index) : 0 }

    /// The element at a position counted from zero; nil past the end and for anything but an array. It takes time in
    /// proportion to the position, so walk `elements` to visit them all.
    public subscript(_ position: Int) -> JSONNode? {
        guard entry.code == .array, position >= 0, position < tape.childCount(index) else { return nil }
        var child = index + 2
        for _ in 0..<position { child = tape.next(after: child) }
        return JSONNode(tape: tape, index: child)
    }

    /// An object's member by its name, compared by exact UTF-8 after decoding escapes; nil for anything but an object.
    public subscript(_ name: String) -> JSONNode? {
        let utf8 = name.utf8
        return member(JSONStringText(utf8.span))
    }

    /// An object's member by the UTF-8 of its name; see `subscript(_: String)`.
    public subscript(utf8 name: [UInt8]) -> JSONNode? {
        member(JSONStringText(name.span))
    }

    /// An array's elements in order; empty for anything else.
    public var elements: JSONElements { JSONElements(self) }

    /// An object's distinct members in the document's order; empty for anything else. Of a repeated name only the
    /// last occurrence is seen. `memberNodes` visits them without making a `String` of each name.
    public var members: JSONMembers { JSONMembers(self) }

    /// An object's distinct members with their names as string nodes: nothing is allocated.
    public var memberNodes: JSONMemberNodes { JSONMemberNodes(self) }

    private func member(_ wanted: JSONStringText) -> JSONNode? {
        guard entry.code == .object else { return nil }
        let end = tape.next(after: index)
        var child = index + 2
        while child < end {
            let name = tape.entry(child)
            if name.code != .hiddenName {
                let text = JSONStringText(tape.content(name), hasEscapes: name.code == .escapedString)
                if text.isEqual(wanted) { return JSONNode(tape: tape, index: child + 1) }
            }
            child = tape.next(after: child + 1)
        }
        return nil
    }
}

/// The elements of an array.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
    private let tape: JSONTape
    private var index: Int
    private let end: Int

    init(_ node: JSONNode) {
        tape = node.tape
        index = node.index + 2
        end = node.entry.code == .array ? node.tape.next(after: node.index) : index
    }

    /// The next element; nil after the last.
    public mutating func next() -> JSONNode? {
        guard index < end else { return nil }
        let element = index
        index = tape.next(after: element)
        return JSONNode(tape: tape, index: element)
    }
}

/// The distinct members of an object, each name a string node.
public struct JSONMemberNodes: Sequence, IteratorProtocol, Sendable {
    private let tape: JSONTape
    private var index: Int
    private let end: Int

    init(_ node: JSONNode) {
        tape = node.tape
        index = node.index + 2
        end = node.entry.code == .object ? node.tape.next(after: node.index) : index
    }

    /// The next member that no later one hides; nil after the last.
    public mutating func next() -> (name: JSONNode, value: JSONNode)? {
        while index < end {
            let name = index
            index = tape.next(after: name + 1)
            if tape.entry(name).code != .hiddenName {
                return (JSONNode(tape: tape, index: name), JSONNode(tape: tape, index: name + 1))
            }
        }
        return nil
    }
}

/// The distinct members of an object, each name decoded.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    private var nodes: JSONMemberNodes

    init(_ object: JSONNode) {
        nodes = object.memberNodes
    }

    /// The next member that no later one hides; nil after the last.
    public mutating func next() -> (name: String, value: JSONNode)? {
        guard let member = nodes.next() else { return nil }
        return (member.name.string ?? "", member.value)
    }
}
