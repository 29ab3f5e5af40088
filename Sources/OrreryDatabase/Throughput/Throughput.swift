public import OrreryDocuments

/// How many request units per second a container, or a database for its containers, may use.
public enum Throughput: Sendable, Equatable {
    /// A fixed number.
    case manual(requestUnitsPerSecond: Int)
    /// Between a tenth of the maximum and the maximum, by need.
    case autoscale(requestUnitsPerSecondMax: Int, incrementPercent: Int?)

    /// What a container gets that asks for nothing and whose database shares nothing.
    public static let standard = Throughput.manual(requestUnitsPerSecond: 400)
    /// The least a manual offer may have, and the step between manual offers.
    public static let manualMin = 400
    public static let manualStep = 100
    /// The least maximum of an autoscale offer, and the step between maxima.
    public static let autoscaleMin = 1000
    public static let autoscaleStep = 1000
    /// How many containers may share a database's throughput.
    public static let sharingContainersMax = 25
    /// How many of them the least throughput is enough for.
    static let sharingContainersFree = 25
    /// The most anybody may ask of one machine, a bound on how many partitions a container starts with.
    public static let requestUnitsPerSecondMax = 1_000_000

    /// The highest rate this throughput allows; the number of partitions follows from it.
    public var peak: Int {
        switch self {
        case .manual(let requestUnitsPerSecond): requestUnitsPerSecond
        case .autoscale(let requestUnitsPerSecondMax, _): requestUnitsPerSecondMax
        }
    }

    var isAutoscale: Bool {
        if case .autoscale = self { true } else { false }
    }

    /// Reads the header `x-ms-offer-throughput` of a creation.
    public init(manualText text: some StringProtocol) throws(DatabaseError) {
        guard let value = Int(text) else {
            throw .invalid(
                "The value '\(text.prefix(32))' specified for the header 'x-ms-offer-throughput' is invalid.")
        }
        try self.init(manual: value)
    }

    /// Checks a manual rate.
    public init(manual value: Int) throws(DatabaseError) {
        guard value >= Self.manualMin else {
            throw .invalid("Requested throughput \(value) is less than required minimum throughput \(Self.manualMin)")
        }
        guard value <= Self.requestUnitsPerSecondMax else {
            throw .invalid("Requested throughput \(value) exceeds the maximum of \(Self.requestUnitsPerSecondMax)")
        }
        guard value % Self.manualStep == 0 else {
            throw .invalid("The value of offer throughput specified \(value) is not a multiple of \(Self.manualStep)")
        }
        self = .manual(requestUnitsPerSecond: value)
    }

    /// Reads autoscale settings: `{"maxThroughput":n,"autoUpgradePolicy":{"throughputPolicy":{"incrementPercent":n}}}`.
    public init(autoscale settings: JSONValue) throws(DatabaseError) {
        guard case .object = settings, let maximum = settings.integer("maxThroughput") else { throw .invalidInput }
        guard maximum >= Self.autoscaleMin else {
            throw .invalid(
                "Requested throughput \(maximum) is less than required minimum throughput \(Self.autoscaleMin)")
        }
        guard maximum <= Self.requestUnitsPerSecondMax else {
            throw .invalid("Requested throughput \(maximum) exceeds the maximum of \(Self.requestUnitsPerSecondMax)")
        }
        guard maximum % Self.autoscaleStep == 0 else {
            throw .invalid("The value of maxThroughput specified \(maximum) is not a multiple of \(Self.autoscaleStep)")
        }
        let increment = settings["autoUpgradePolicy"]?["throughputPolicy"]?.integer("incrementPercent")
        if let increment, !(0...100).contains(increment) { throw .invalidInput }
        self = .autoscale(requestUnitsPerSecondMax: maximum, incrementPercent: increment)
    }

    /// Reads the `content` of an offer's body.
    public init(content: JSONValue) throws(DatabaseError) {
        if let settings = content["offerAutopilotSettings"], !settings.isNull {
            try self.init(autoscale: settings)
        } else {
            guard let value = content.integer("offerThroughput") else { throw .invalidInput }
            try self.init(manual: value)
        }
    }

    /// The `content` of an offer's body. A manual offer has no autoscale member at all, for SDKs look whether it is
    /// there (wire specification, section 7).
    public var content: JSONValue {
        switch self {
        case .manual(let requestUnitsPerSecond):
            return ["offerThroughput": .number(requestUnitsPerSecond), "offerIsRUPerMinuteThroughputEnabled": false]
        case .autoscale(let maximum, let incrementPercent):
            var settings: JSONValue = [
                "tier": 0, "maximumTierThroughput": .number(maximum), "autoUpgrade": false,
                "maxThroughput": .number(maximum),
            ]
            if let incrementPercent {
                settings["autoUpgradePolicy"] = ["throughputPolicy": ["incrementPercent": .number(incrementPercent)]]
            }
            return ["offerThroughput": .number(maximum / 10), "offerAutopilotSettings": settings]
        }
    }
}

extension JSONValue {
    /// A member that is a whole number an `Int` can hold.
    func integer(_ name: String) -> Int? {
        self[name]?.int64.flatMap(Int.init(exactly:))
    }
}
