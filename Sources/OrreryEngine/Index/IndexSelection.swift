/// Which paths are indexed: a container's included and excluded paths, compiled.
///
/// The rule of the longest matching path decides; of two that are equally long, one for exactly this value (`/?`) goes
/// before one for all below (`/*`) (features and limits, "Indexing policy").
///
/// A class, for every document's entries name the selection that they were made by.
public final class IndexSelection: Sendable, Equatable {
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
    struct Node: Sendable {
        var properties: [(name: [UInt8], node: Int)] = []
        var element: Int?
        /// What the rule for everything below says; nil where there is none here.
        var subtree: Bool?
        /// What the rule for the value here says; nil where there is none.
        var value: Bool?

        func child(_ step: IndexPath.Step) -> Int? {
            switch step {
            case .property(let name): properties.first { $0.name == name }?.node
            case .element: element
            }
        }

        func child(_ name: Span<UInt8>) -> Int? {
            for property in properties where property.name.span.isEqual(to: name) { return property.node }
            return nil
        }
    }

    public let rules: [Rule]
    /// Fixed when the container is made.
    public let uniqueKeys: [UniqueKey]
    public let composites: [CompositeIndex]
    let nodes: [Node]
    /// The stored form, by which selections are compared.
    let encoded: [UInt8]

    public init(_ rules: [Rule], uniqueKeys: [UniqueKey] = [], composites: [CompositeIndex] = []) {
        self.rules = rules
        self.uniqueKeys = uniqueKeys
        self.composites = composites
        nodes = Self.nodes(of: rules)
        encoded = Self.encoded(rules, uniqueKeys, composites)
    }

    public static func == (left: IndexSelection, right: IndexSelection) -> Bool {
        left === right || left.encoded == right.encoded
    }

    /// Everything is indexed.
    public static let all = IndexSelection([Rule(path: IndexPath([]), coversSubtree: true, isIncluded: true)])
    /// Nothing is indexed.
    public static let none = IndexSelection([])

    /// Whether nothing is kept of a document.
    var isEmpty: Bool { rules.isEmpty && uniqueKeys.isEmpty && composites.isEmpty }

    private static func nodes(of rules: [Rule]) -> [Node] {
        var nodes = [Node()]
        for rule in rules {
            var index = 0
            for step in rule.path.steps { index = child(of: index, step, &nodes) }
            if rule.coversSubtree {
                nodes[index].subtree = rule.isIncluded
            } else {
                nodes[index].value = rule.isIncluded
            }
        }
        return nodes
    }

    private static func child(of index: Int, _ step: IndexPath.Step, _ nodes: inout [Node]) -> Int {
        if let found = nodes[index].child(step) { return found }
        nodes.append(Node())
        switch step {
        case .property(let name): nodes[index].properties.append((name, nodes.count - 1))
        case .element: nodes[index].element = nodes.count - 1
        }
        return nodes.count - 1
    }

    /// Whether scalar values at a path are indexed.
    public func covers(_ path: IndexPath) -> Bool {
        guard case .property(let name)? = path.steps.first, !SystemProperty.isNeverIndexed(name) else { return false }
        if path.steps == [.property(SystemProperty.timestamp)] { return !rules.isEmpty }
        var isIncluded = nodes[0].subtree ?? false
        var index: Int? = 0
        for step in path.steps {
            index = index.flatMap { nodes[$0].child(step) }
            if let subtree = index.flatMap({ nodes[$0].subtree }) { isIncluded = subtree }
        }
        return index.flatMap { nodes[$0].value } ?? isIncluded
    }

    /// Whether an index can be walked in its order, all items in it.
    func covers(_ index: OrderedIndex) -> Bool {
        switch index {
        case .path(let path): covers(path)
        case .composite(let composite): composites.contains(composite)
        }
    }

    // MARK: Stored form

    /// One line for each rule: `+` or `-`, then the path with its names in hexadecimal; then one for each unique key:
    /// `=` and its paths between commas; then one for each composite index: `&` and its paths with their directions.
    private static func encoded(
        _ rules: [Rule], _ uniqueKeys: [UniqueKey], _ composites: [CompositeIndex]
    ) -> [UInt8] {
        var lines = rules.map { rule in
            (rule.isIncluded ? "+" : "-") + rule.path.text + (rule.coversSubtree ? "/*" : "/?")
        }
        lines += uniqueKeys.map { "=" + $0.paths.map(\.text).joined(separator: ",") }
        lines += composites.map { "&" + $0.text }
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Reads the stored form back; nil when a line cannot be read.
    convenience init?(encoded bytes: [UInt8]) {
        var rules: [Rule] = []
        var uniqueKeys: [UniqueKey] = []
        var composites: [CompositeIndex] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            switch line.first {
            case "=":
                let texts = line.dropFirst().split(separator: ",")
                let paths = texts.compactMap { IndexPath(text: $0) }
                guard paths.count == texts.count else { return nil }
                uniqueKeys.append(UniqueKey(paths))
            case "&":
                guard let composite = CompositeIndex(text: line.dropFirst()) else { return nil }
                composites.append(composite)
            default:
                guard line.hasSuffix("/*") || line.hasSuffix("/?"),
                    let path = IndexPath(text: line.dropFirst().dropLast(2))
                else { return nil }
                rules.append(
                    Rule(path: path, coversSubtree: line.hasSuffix("/*"), isIncluded: line.first == "+"))
            }
        }
        self.init(rules, uniqueKeys: uniqueKeys, composites: composites)
    }
}
