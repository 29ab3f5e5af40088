import OrreryDocuments
import OrreryHTTP

/// An operation on a container's items.
struct ContainerBackend: Sendable {
    enum Action: String, Sendable, CaseIterable {
        case read, list, create, upsert, replace, delete
    }

    let action: Action
    let database: String
    let container: String
    /// The item's id; empty for operations on many.
    let id: ValueTemplate
    /// One for each level of the container's partition key; none where the document says it, or where all are meant.
    let partitionKey: [ValueTemplate]
    /// The properties that a list may be narrowed by.
    let filters: [String]
    /// Whether a request that leaves a part of the partition key out is for all partitions.
    let isAcrossPartitions: Bool

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        guard let action = try reader.word("do", Action.self) else {
            throw reader.wrong("do", Action.allCases.map(\.rawValue).joined(separator: ", ") + ", or handler be given")
        }
        let (database, container) = try Self.container(&reader)
        let id = try ValueTemplate(reader.text("id") ?? "{path.id}", at: reader.place)
        try self.init(
            action: action, database: database, container: container, id: id,
            partitionKey: Self.partitionKey(&reader), filters: reader.texts("filters"),
            isAcrossPartitions: reader.flag("acrossPartitions") ?? false, at: reader.place)
    }

    init(
        action: Action, database: String, container: String, id: ValueTemplate, partitionKey: [ValueTemplate],
        filters: [String], isAcrossPartitions: Bool, at place: String
    ) throws(ConfigurationError) {
        let needsKey = action == .read || action == .delete
        guard !partitionKey.isEmpty || !needsKey else {
            throw ConfigurationError("\(place): partitionKey must say where a request has the partition key")
        }
        (self.action, self.database, self.container) = (action, database, container)
        (self.id, self.partitionKey, self.filters) = (id, partitionKey, filters)
        // Only lists go over all partitions.
        self.isAcrossPartitions = isAcrossPartitions && action == .list
    }

    /// Whether requests carry a document.
    var takesDocument: Bool { action == .create || action == .upsert || action == .replace }

    static func container(
        _ reader: inout ConfigurationReader
    ) throws(ConfigurationError) -> (database: String, container: String) {
        let path = try reader.requiredText("container").split(separator: "/", omittingEmptySubsequences: false)
        guard path.count == 2, !path[0].isEmpty, !path[1].isEmpty, path[0] != "_orrery" else {
            throw reader.wrong("container", "database/container, and not one of the server's own")
        }
        return (String(path[0]), String(path[1]))
    }

    static func partitionKey(_ reader: inout ConfigurationReader) throws(ConfigurationError) -> [ValueTemplate] {
        var templates: [ValueTemplate] = []
        for text in try reader.texts("partitionKey") { templates.append(try ValueTemplate(text, at: reader.place)) }
        return templates
    }
}

/// A container as a resource: the usual operations on its items, from one line of configuration.
struct ContainerResource {
    private let database: String
    private let container: String
    private let partitionKey: [ValueTemplate]
    private let filters: [String]
    private let schema: JSONSchema?
    private let actions: [ContainerBackend.Action]
    private let isAcrossPartitions: Bool
    private let place: String

    init(_ json: JSONValue, at place: String, _ named: NamedSchemas) throws(ConfigurationError) {
        var reader = try ConfigurationReader(json, at: place)
        self.place = place
        (database, container) = try ContainerBackend.container(&reader)
        partitionKey = try ContainerBackend.partitionKey(&reader)
        filters = try reader.texts("filters")
        schema = try reader.value("schema").map { json throws(ConfigurationError) in
            try JSONSchema(json, at: place, named)
        }
        isAcrossPartitions = try reader.flag("acrossPartitions") ?? false
        var actions: [ContainerBackend.Action] = []
        for text in try reader.texts("actions") {
            guard let action = ContainerBackend.Action(rawValue: text) else {
                let known = ContainerBackend.Action.allCases.map(\.rawValue).joined(separator: ", ")
                throw reader.wrong("actions", "a list of " + known)
            }
            actions.append(action)
        }
        self.actions = actions.isEmpty ? [.list, .create, .read, .replace, .delete] : actions
        try reader.finish()
    }

    func operations(of api: String) throws(ConfigurationError) -> [Operation] {
        let id = try ValueTemplate("{path.id}", at: place)
        let (all, one) = (try PathTemplate("/", at: place), try PathTemplate("/{id}", at: place))
        return try actions.map { action throws(ConfigurationError) in
            let backend = Backend.container(
                try ContainerBackend(
                    action: action, database: database, container: container, id: id, partitionKey: partitionKey,
                    filters: filters, isAcrossPartitions: isAcrossPartitions, at: place))
            let (method, path): (HTTPMethod, PathTemplate) = switch action {
            case .list: (.get, all)
            case .create: (.post, all)
            case .read: (.get, one)
            case .upsert, .replace: (.put, one)
            case .delete: (.delete, one)
            }
            let takesBody = action == .create || action == .upsert || action == .replace
            return try Operation(
                id: action.rawValue, summary: action.summary(container), method: method, path: path, backend: backend,
                schema: takesBody ? schema : nil, at: place)
        }
    }
}

extension ContainerBackend.Action {
    fileprivate func summary(_ container: String) -> String {
        switch self {
        case .read: "One of \(container)"
        case .list: "Some of \(container)"
        case .create: "Add to \(container)"
        case .upsert: "Add to \(container), or replace one"
        case .replace: "Replace one of \(container)"
        case .delete: "Remove one of \(container)"
        }
    }
}
