public import OrreryDocuments

/// Which of a topic's events a subscription is to have, as it is configured: all parts must hold.
public struct FilterDefinition: Sendable, Equatable {
    /// The types to have; nil, and the one name `All`, for every type.
    public var includedEventTypes: [String]?
    public var subjectBeginsWith: String
    public var subjectEndsWith: String
    public var isSubjectCaseSensitive: Bool
    /// Whether an array under a filter's key is looked into. Without it a filter on an array holds for no event.
    public var enableAdvancedFilteringOnArrays: Bool
    public var advancedFilters: [AdvancedFilter]
    /// A condition in the language of CloudEvents (CloudEvents SQL 1.0).
    public var cesql: String?
    /// A condition in the query language: `c.data.total > 100`, over the event as it was published.
    public var sqlCondition: String?

    /// A filter from its parts; without any, every event passes.
    public init(
        includedEventTypes: [String]? = nil, subjectBeginsWith: String = "", subjectEndsWith: String = "",
        isSubjectCaseSensitive: Bool = false, enableAdvancedFilteringOnArrays: Bool = false,
        advancedFilters: [AdvancedFilter] = [], cesql: String? = nil, sqlCondition: String? = nil
    ) {
        self.includedEventTypes = includedEventTypes
        self.subjectBeginsWith = subjectBeginsWith
        self.subjectEndsWith = subjectEndsWith
        self.isSubjectCaseSensitive = isSubjectCaseSensitive
        self.enableAdvancedFilteringOnArrays = enableAdvancedFilteringOnArrays
        self.advancedFilters = advancedFilters
        self.cesql = cesql
        self.sqlCondition = sqlCondition
    }

    /// Reads a subscription's `filter`, or a namespace subscription's `filtersConfiguration`, where the advanced
    /// filters are called `filters`. Beyond the service's own: `cesql` and `where`.
    public init(_ node: JSONNode) throws(EventError) {
        guard node.kind == .object else { throw EventError(.badRequest, "A filter must be an object.") }
        self.init()
        subjectBeginsWith = try Self.text(node, "subjectBeginsWith") ?? ""
        subjectEndsWith = try Self.text(node, "subjectEndsWith") ?? ""
        isSubjectCaseSensitive = try Self.flag(node, "isSubjectCaseSensitive")
        enableAdvancedFilteringOnArrays = try Self.flag(node, "enableAdvancedFilteringOnArrays")
        cesql = try Self.text(node, "cesql")
        sqlCondition = try Self.text(node, "where")
        if let types = try Self.list(node, "includedEventTypes") {
            let names = types.elements.compactMap(\.string)
            guard names.count == types.count else {
                throw EventError(.badRequest, "includedEventTypes must be an array of strings.")
            }
            includedEventTypes = names
        }
        for name in ["advancedFilters", "filters"] {
            guard let filters = try Self.list(node, name) else { continue }
            for filter in filters.elements { advancedFilters.append(try AdvancedFilter(filter)) }
            // Namespace subscriptions have no setting for it: they always look into arrays.
            if name == "filters" { enableAdvancedFilteringOnArrays = true }
        }
    }

    private static func text(_ node: JSONNode, _ name: String) throws(EventError) -> String? {
        guard let member = node[name], !member.isNull else { return nil }
        guard let text = member.string else { throw EventError(.badRequest, "\(name) must be a string.") }
        return text
    }

    private static func flag(_ node: JSONNode, _ name: String) throws(EventError) -> Bool {
        guard let member = node[name], !member.isNull else { return false }
        guard let flag = member.boolean else { throw EventError(.badRequest, "\(name) must be true or false.") }
        return flag
    }

    private static func list(_ node: JSONNode, _ name: String) throws(EventError) -> JSONNode? {
        guard let member = node[name], !member.isNull else { return nil }
        guard member.kind == .array else { throw EventError(.badRequest, "\(name) must be an array.") }
        return member
    }

    /// The filter as the control plane shows it.
    public var value: JSONValue {
        var filter: JSONValue = [
            "subjectBeginsWith": .string(subjectBeginsWith), "subjectEndsWith": .string(subjectEndsWith),
            "isSubjectCaseSensitive": .boolean(isSubjectCaseSensitive),
            "enableAdvancedFilteringOnArrays": .boolean(enableAdvancedFilteringOnArrays),
            "includedEventTypes": includedEventTypes.map { .array($0.map { .string($0) }) } ?? .null,
            "advancedFilters": .array(advancedFilters.map(\.value)),
        ]
        if let cesql { filter["cesql"] = .string(cesql) }
        if let sqlCondition { filter["where"] = .string(sqlCondition) }
        return filter
    }

    /// The types it is limited to; nil for every type.
    var eventTypes: [String]? {
        guard let types = includedEventTypes, !types.isEmpty, !types.contains(where: { $0.lowercased() == "all" })
        else { return nil }
        return types
    }

    /// Holds the filter to the service's limits.
    func checkLimits() throws(EventError) {
        func refuse(_ reason: String) -> EventError { EventError(.badRequest, reason) }
        guard advancedFilters.count <= FilterLimits.filterCountMax else {
            throw refuse(
                "A subscription can have \(FilterLimits.filterCountMax) advanced filters; "
                    + "\(advancedFilters.count) were given.")
        }
        let valueCount = advancedFilters.reduce(0) { $0 + $1.operand.count }
        guard valueCount <= FilterLimits.valueCountMax else {
            throw refuse(
                "A subscription can have \(FilterLimits.valueCountMax) values in all of its advanced filters; "
                    + "\(valueCount) were given.")
        }
        guard (includedEventTypes?.count ?? 0) <= FilterLimits.eventTypeCountMax else {
            throw refuse("A subscription can have \(FilterLimits.eventTypeCountMax) event types.")
        }
        var strings = [subjectBeginsWith, subjectEndsWith] + (includedEventTypes ?? []) + advancedFilters.map(\.key)
        for filter in advancedFilters {
            if case .strings(let values) = filter.operand { strings += values }
        }
        guard strings.allSatisfy({ $0.unicodeScalars.count <= FilterLimits.stringLengthMax }) else {
            throw refuse("A string in a filter can have \(FilterLimits.stringLengthMax) characters.")
        }
        for text in [cesql, sqlCondition] where (text?.utf8.count ?? 0) > FilterLimits.conditionBytesMax {
            throw refuse("A filter's condition can have \(FilterLimits.conditionBytesMax) bytes.")
        }
    }
}

/// The service's limits on a subscription's filter, and our own on what it does not have.
enum FilterLimits {
    static let filterCountMax = 25
    /// In all advanced filters together; a range counts once.
    static let valueCountMax = 25
    static let stringLengthMax = 512
    static let eventTypeCountMax = 256
    static let conditionBytesMax = 8 * 1024
}
