import OrreryDocuments

extension Value {
    /// The bytes a value stands for when written, roughly; what `QueryLimits.valueBytesMax` is held against.
    var weightBytes: Int {
        switch self {
        case .undefined, .null, .boolean, .integer, .number: 8
        case .string(let string): string.utf8.count + 2
        case .array(let array): array.weightBytes
        case .object(let object): object.weightBytes
        case .node(let node): node.textRange.count
        }
    }

    /// An array without its undefined elements.
    static func array(_ elements: [Value], limits: QueryLimits) throws(QueryError) -> Value {
        try array(unchecked: elements).checked(limits)
    }

    static func array(unchecked elements: [Value]) -> Value {
        var weight = 2
        var hasUndefined = false
        for element in elements {
            if element.isUndefined {
                hasUndefined = true
            } else {
                weight = weight.saturatingSum(element.weightBytes + 1)
            }
        }
        let kept = hasUndefined ? elements.filter { !$0.isUndefined } : elements
        return .array(ComputedArray(elements: kept, weightBytes: weight))
    }

    /// An object without its undefined members; of a name that comes twice the last value holds.
    static func object(_ members: [ComputedMember], limits: QueryLimits) throws(QueryError) -> Value {
        try object(unchecked: members).checked(limits)
    }

    static func object(unchecked members: [ComputedMember]) -> Value {
        var kept: [ComputedMember] = []
        kept.reserveCapacity(members.count)
        var places: [[UInt8]: Int] = [:]
        for member in members {
            if members.count > 1 {
                let key = Array(member.name.utf8)
                if let place = places[key] {
                    kept[place] = member
                    continue
                }
                places[key] = kept.count
            }
            kept.append(member)
        }
        kept.removeAll { $0.value.isUndefined }
        let weight = kept.reduce(2) { $0.saturatingSum($1.name.utf8.count + 4).saturatingSum($1.value.weightBytes) }
        return .object(ComputedObject(members: kept, weightBytes: weight))
    }

    static func string(_ string: String, limits: QueryLimits) throws(QueryError) -> Value {
        try Value.string(string).checked(limits)
    }

    func checked(_ limits: QueryLimits) throws(QueryError) -> Value {
        guard weightBytes <= limits.valueBytesMax else { throw Self.tooLarge(limits) }
        return self
    }

    static func tooLarge(_ limits: QueryLimits) -> QueryError {
        QueryError(.limitExceeded, "An expression yields a value larger than \(limits.valueBytesMax) bytes.")
    }
}

extension Int {
    func saturatingSum(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? Int.max : sum
    }
}
