public import OrreryDocuments
public import OrreryKeys
public import OrreryQuery

/// What a user says about a container, checked and filled in with the service's defaults.
public struct ContainerDefinition: Sendable {
    public let id: String
    public let partitionKey: PartitionKeyDefinition
    public let indexingPolicy: IndexingPolicy
    /// Seconds an item lives after its last write; -1 for items that do not expire unless they say so themselves, nil
    /// where time to live is off.
    public let defaultTimeToLiveSeconds: Int?
    /// The paths of each unique key, as they were written.
    public let uniqueKeys: [[String]]
    /// What queries may read of an item that is not kept in it.
    public let computedProperties: [ComputedProperty]
    /// The definition as it is kept and returned, without system properties.
    public let json: JSONValue

    /// The longest time to live in seconds.
    public static let timeToLiveSecondsMax = Int(Int32.max)
    /// The most unique keys of a container, and the most paths in all of them.
    public static let uniqueKeysMax = 10
    public static let uniqueKeyPathsMax = 16
    /// The most computed properties of a container.
    public static let computedPropertiesMax = 20

    /// Reads and checks a definition.
    /// - Throws: `DatabaseError.invalid` with the service's message.
    public init(_ value: JSONValue) throws(DatabaseError) {
        id = try value.requiredID()
        try ResourceName.validate(id)
        guard let key = value["partitionKey"] else {
            throw .invalid("The partition key definition is missing. Provide 'partitionKey' with at least one path.")
        }
        partitionKey = try Self.partitionKey(key)
        indexingPolicy = try IndexingPolicy(value["indexingPolicy"])
        defaultTimeToLiveSeconds = try Self.timeToLive(value["defaultTtl"])
        if indexingPolicy.mode == .none, defaultTimeToLiveSeconds != nil {
            throw .invalid("A container with the indexing mode 'none' cannot have a time to live.")
        }
        uniqueKeys = try Self.uniqueKeys(value["uniqueKeyPolicy"])
        computedProperties = try Self.computedProperties(value["computedProperties"])
        _ = try VectorPolicy(value)
        try FullTextPolicy.validate(value)
        json = Self.normalised(value, id: id, key: key, indexingPolicy: indexingPolicy)
    }

    /// Checks that this definition may take the place of another: what is fixed at creation must be the same.
    public func validate(replacing old: ContainerDefinition) throws(DatabaseError) {
        guard id.utf8.elementsEqual(old.id.utf8) else {
            throw .invalid("Replacing the id of a container is not allowed.")
        }
        guard partitionKey == old.partitionKey else {
            throw .invalid("Document collection partition key cannot be changed.")
        }
        guard uniqueKeys == old.uniqueKeys else {
            throw .invalid("Unique index cannot be modified. To change the unique index, remove the collection and "
                + "re-create a new one.")
        }
        try VectorPolicy(json).validate(replacing: VectorPolicy(old.json))
    }

    private static func partitionKey(_ value: JSONValue) throws(DatabaseError) -> PartitionKeyDefinition {
        do {
            return try PartitionKeyDefinition(value)
        } catch {
            throw .invalid(message(error))
        }
    }

    private static func message(_ error: PartitionKeyError) -> String {
        switch error {
        case .tooManyPaths: "Too many partition key paths"
        case .invalidPath(let path): "The partition key path '\(path)' is invalid."
        case .malformedHeader, .unsupportedValue, .malformedDefinition: "The partition key definition is invalid."
        }
    }

    /// How long superseded versions stay for readers of all changes; nil where the container says nothing of it. The
    /// definition counts minutes.
    public var retentionMilliseconds: Int64? {
        guard case .number(let number)? = json["changeFeedPolicy"]?["retentionDuration"], let minutes = number.int64,
            minutes > 0
        else { return nil }
        let milliseconds = minutes.multipliedReportingOverflow(by: 60_000)
        return milliseconds.overflow ? .max : milliseconds.partialValue
    }

    private static func timeToLive(_ value: JSONValue?) throws(DatabaseError) -> Int? {
        guard let value, !value.isNull else { return nil }
        guard case .number(let number) = value, let seconds = number.int64, seconds == -1 || seconds > 0,
            seconds <= timeToLiveSecondsMax
        else {
            throw .invalid("The input defaultTtl is invalid. Ensure to provide a nonzero positive integer less than or "
                + "equal to '2147483647', or -1.")
        }
        return Int(seconds)
    }

    private static func uniqueKeys(_ policy: JSONValue?) throws(DatabaseError) -> [[String]] {
        guard let policy, !policy.isNull else { return [] }
        guard case .object = policy else { throw .invalidInput }
        guard let list = policy["uniqueKeys"] else { return [] }
        guard case .array(let keys) = list else { throw .invalidInput }
        var uniqueKeys: [[String]] = []
        for key in keys {
            guard case .array(let paths)? = key["paths"], !paths.isEmpty else { throw .invalidInput }
            var names: [String] = []
            for path in paths {
                guard case .string(let name) = path, let parts = IndexingPolicy.names(Array(name.utf8)[...]),
                    !parts.isEmpty, !parts.contains([])
                else { throw .invalid("A path of a unique key must start with '/' and name a property.") }
                names.append(name)
            }
            uniqueKeys.append(names)
        }
        guard uniqueKeys.count <= uniqueKeysMax, uniqueKeys.joined().count <= uniqueKeyPathsMax else {
            throw .invalid("A unique key policy has at most \(uniqueKeysMax) keys and \(uniqueKeyPathsMax) paths.")
        }
        return uniqueKeys
    }

    private static func computedProperties(_ value: JSONValue?) throws(DatabaseError) -> [ComputedProperty] {
        guard let value, !value.isNull else { return [] }
        guard case .array(let definitions) = value, definitions.count <= computedPropertiesMax else {
            throw .invalidInput
        }
        var properties: [ComputedProperty] = []
        for definition in definitions {
            guard let name = definition["name"]?.string, !name.isEmpty, let query = definition["query"]?.string else {
                throw .invalidInput
            }
            do throws(QueryError) {
                properties.append(try ComputedProperty(name: name, query: query))
            } catch {
                throw .badQuery(error)
            }
        }
        return properties
    }

    /// The members of a container's body beside the ones that are always there, in the order they are returned.
    /// What is not in this list is not kept.
    private static let optionalMembers = [
        "defaultTtl", "analyticalStorageTtl", "uniqueKeyPolicy", "computedProperties", "vectorEmbeddingPolicy",
        "fullTextPolicy", "changeFeedPolicy", "clientEncryptionPolicy", "materializedViewDefinition",
        "dataMaskingPolicy",
    ]

    private static func normalised(
        _ value: JSONValue, id: String, key: JSONValue, indexingPolicy: IndexingPolicy
    ) -> JSONValue {
        var json: JSONValue = ["id": .string(id), "indexingPolicy": indexingPolicy.json, "partitionKey": key]
        for name in optionalMembers {
            if let member = value[name], !member.isNull { json[name] = member }
        }
        json["conflictResolutionPolicy"] = value["conflictResolutionPolicy"] ?? lastWriterWins
        json["geospatialConfig"] = value["geospatialConfig"] ?? ["type": "Geography"]
        return json
    }

    private static let lastWriterWins: JSONValue = [
        "mode": "LastWriterWins", "conflictResolutionPath": "/_ts", "conflictResolutionProcedure": "",
    ]
}
