// YAML as another form of JSON, for documents that people write. Knows nothing of what the documents say.

public import OrreryDocuments

extension JSONValue {
    /// Reads one document of YAML 1.2 whose values JSON has, by the rules of the core schema: `on` and `yes` are texts.
    ///
    /// Nested up to 64 deep. Aliases and merge keys are refused, for a few of them stand for any amount, and so are
    /// tags other than those of texts, lists and objects, names that are lists or objects, and two members of one name.
    public init(yaml text: [UInt8]) throws(YAMLError) {
        var builder = YAMLBuilder()
        let events = try YAMLEvents(text)
        while true {
            let (event, place) = try events.next()
            if case .streamEnd = event {
                guard let root = builder.root else { throw YAMLError("there is no document", at: place) }
                self = root
                return
            }
            try builder.take(event, at: place)
        }
    }
}

/// Makes a value of events, without calling itself: how deep they are nested is the document's to say.
private struct YAMLBuilder {
    private struct Container {
        let isMapping: Bool
        var elements: [JSONValue] = []
        var members: [JSONMember] = []
        var names: Set<[UInt8]> = []
        /// The name of the member whose value comes next.
        var name: String?

        var value: JSONValue { isMapping ? .object(members) : .array(elements) }
    }

    private static let depthMax = 64

    private(set) var root: JSONValue?
    private var open: [Container] = []

    private var isNameNext: Bool { open.last.map { $0.isMapping && $0.name == nil } ?? false }

    mutating func take(_ event: YAMLEvents.Event, at place: YAMLEvents.Place) throws(YAMLError) {
        switch event {
        case .documentStart:
            guard root == nil else { throw YAMLError("a second document", at: place) }
        case .alias(let name):
            throw YAMLError("aliases are not read: what '*\(name)' stands for has to be written out", at: place)
        case .scalar(let text, let isPlain):
            if isNameNext {
                try begin(member: text, isPlain: isPlain, at: place)
            } else if !isPlain {
                put(.string(text))
            } else {
                guard let value = YAMLScalar.value(text) else {
                    throw YAMLError("JSON has no number such as '\(text)'", at: place)
                }
                put(value)
            }
        case .sequenceStart, .mappingStart:
            guard !isNameNext else { throw YAMLError("a name must be a text", at: place) }
            guard open.count < Self.depthMax else { throw YAMLError("nested too deeply", at: place) }
            open.append(Container(isMapping: event == .mappingStart))
        case .end: if let container = open.popLast() { put(container.value) }
        case .other, .streamEnd: break
        }
    }

    private mutating func begin(member name: String, isPlain: Bool, at place: YAMLEvents.Place) throws(YAMLError) {
        guard name != "<<" || !isPlain else { throw YAMLError("merge keys are not read", at: place) }
        guard open[open.count - 1].names.insert(Array(name.utf8)).inserted else {
            throw YAMLError("'\(name)' is there twice", at: place)
        }
        open[open.count - 1].name = name
    }

    private mutating func put(_ value: JSONValue) {
        guard let last = open.indices.last else {
            root = value
            return
        }
        if let name = open[last].name.take() {
            open[last].members.append(JSONMember(name, value))
        } else {
            open[last].elements.append(value)
        }
    }
}
