/// Which paths are indexed: a container's included and excluded paths, compiled.
///
/// The rule of the longest matching path decides; of two that are equally long, one for exactly this value (`/?`) goes
/// before one for all below (`/*`) (features and limits, "Indexing policy").
public struct IndexSelection: Sendable, Equatable {
    /// One path of a policy.
    public struct Rule: Sendable, Equatable {
        public var path: IndexPath
        /// Whether it speaks of everything below the path rather than of the value there.
        public var coversSubtree: Bool
        public var isIncluded: Bool

        public init(path: IndexPath, coversSubtree: Bool, isIncluded: Bool) {
            self.path = path
            self.coversSubtree = coversSubtree
            self.isIncluded = isIncluded
        }
    }

    /// A place that rules speak of. Nodes stand in one array and name their children by index.
    struct Node: Sendable, Equatable {
        var properties: [(name: [UInt8], node: Int)] = []
        var element: Int?
        /// What the rule for everything below says; nil where there is none here.
        var subtree: Bool?
        /// What the rule for the value here says; nil where there is none.
        var value: Bool?

        static func == (left: Node, right: Node) -> Bool {
            left.properties.elementsEqual(right.properties) { $0.name == $1.name && $0.node == $1.node }
                && left.element == right.element && left.subtree == right.subtree && left.value == right.value
        }
    }

    public let rules: [Rule]
    /// Fixed when the container is made.
    public let uniqueKeys: [UniqueKey]
    private(set) var nodes = [Node()]

    public init(_ rules: [Rule], uniqueKeys: [UniqueKey] = []) {
        self.rules = rules
        self.uniqueKeys = uniqueKeys
        for rule in rules {
            var index = 0
            for step in rule.path.steps { index = child(of: index, step) }
            if rule.coversSubtree {
                nodes[index].subtree = rule.isIncluded
            } else {
                nodes[index].value = rule.isIncluded
            }
        }
    }

    /// Everything is indexed.
    public static let all = IndexSelection([Rule(path: IndexPath([]), coversSubtree: true, isIncluded: true)])
    /// Nothing is indexed.
    public static let none = IndexSelection([])

    /// Whether nothing is kept of a document.
    var isEmpty: Bool { rules.isEmpty && uniqueKeys.isEmpty }

    private mutating func child(of index: Int, _ step: IndexPath.Step) -> Int {
        if let found = node(below: index, step) { return found }
        nodes.append(Node())
        switch step {
        case .property(let name): nodes[index].properties.append((name, nodes.count - 1))
        case .element: nodes[index].element = nodes.count - 1
        }
        return nodes.count - 1
    }

    private func node(below index: Int, _ step: IndexPath.Step) -> Int? {
        switch step {
        case .property(let name): nodes[index].properties.first { $0.name == name }?.node
        case .element: nodes[index].element
        }
    }

    /// Whether scalar values at a path are indexed.
    public func covers(_ path: IndexPath) -> Bool {
        guard case .property(let name)? = path.steps.first, !Self.isNeverIndexed(name) else { return false }
        var isIncluded = nodes[0].subtree ?? false
        var index: Int? = 0
        for step in path.steps {
            index = index.flatMap { node(below: $0, step) }
            if let subtree = index.flatMap({ nodes[$0].subtree }) { isIncluded = subtree }
        }
        return index.flatMap { nodes[$0].value } ?? isIncluded
    }

    /// System properties that no policy can index; `_ts` is not among them.
    private static func isNeverIndexed(_ name: [UInt8]) -> Bool {
        name.first == UInt8(ascii: "_")
            && ["_rid", "_self", "_etag", "_attachments"].contains { $0.utf8.elementsEqual(name) }
    }

    // MARK: Stored form

    /// One line for each rule: `+` or `-`, then the path with its names in hexadecimal; then one for each unique key:
    /// `=` and its paths between commas.
    var encoded: [UInt8] {
        let lines = rules.map { rule in
            (rule.isIncluded ? "+" : "-") + Self.text(rule.path) + (rule.coversSubtree ? "/*" : "/?")
        }
        let keys = uniqueKeys.map { "=" + $0.paths.map(Self.text).joined(separator: ",") }
        return Array((lines + keys).joined(separator: "\n").utf8)
    }

    private static func text(_ path: IndexPath) -> String {
        path.steps.map { step in
            switch step {
            case .property(let name): "/" + name.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            case .element: "/[]"
            }
        }.joined()
    }

    /// Reads the stored form back; nil when a line cannot be read.
    init?(encoded bytes: [UInt8]) {
        var rules: [Rule] = []
        var uniqueKeys: [UniqueKey] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            if line.first == "=" {
                let texts = line.dropFirst().split(separator: ",")
                let paths = texts.compactMap { Self.path($0.split(separator: "/")) }
                guard paths.count == texts.count else { return nil }
                uniqueKeys.append(UniqueKey(paths))
                continue
            }
            let parts = line.dropFirst().split(separator: "/")
            guard let end = parts.last, end == "*" || end == "?", let path = Self.path(parts.dropLast()) else {
                return nil
            }
            rules.append(Rule(path: path, coversSubtree: end == "*", isIncluded: line.first == "+"))
        }
        self.init(rules, uniqueKeys: uniqueKeys)
    }

    private static func path(_ parts: some Collection<Substring>) -> IndexPath? {
        var steps: [IndexPath.Step] = []
        for part in parts {
            if part == "[]" {
                steps.append(.element)
            } else if let name = bytes(hexadecimal: part) {
                steps.append(.property(name))
            } else {
                return nil
            }
        }
        return IndexPath(steps)
    }

    private static func bytes(hexadecimal text: Substring) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
