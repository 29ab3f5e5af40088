import OrreryDocuments

/// What follows from keywords that are left out. A schema without one lets more pass than it says; where that would
/// make the whole refuse what it lets pass, what stands around it is left out as well.
extension OpenAPIImport {
    /// Keywords that are for what others do not reach: without these, they would be for all.
    private static let reach = ["additionalProperties": "patternProperties", "items": "prefixItems"]

    /// The keyword that a member of a schema becomes; nil for one that must be left out.
    mutating func name(for member: JSONMember, of schema: JSONValue, at place: String) -> String? {
        if let other = Self.reach[member.name], schema[other] != nil, !SchemaNode.checking.contains(other) {
            warn("\(place): '\(member.name)' is not checked, for '\(other)' is not")
            return nil
        }
        guard member.name == "not" || member.name == "oneOf", leavesOut(member.value) else { return member.name }
        if member.name == "not" {
            warn("\(place): 'not' is not checked, for a part of it is not")
            return nil
        }
        warn("\(place): 'oneOf' is checked as 'anyOf', for a part of it is not checked")
        // Two of one name would be a mistake, and each makes the other no stricter.
        guard schema["anyOf"] == nil else { return nil }
        return "anyOf"
    }

    /// Whether a schema, or one of a list, has a part that is left out, itself or behind a reference.
    private func leavesOut(_ schema: JSONValue) -> Bool {
        var pending = schema.array ?? [schema]
        var seen: Set<String> = []
        while let next = pending.popLast() {
            if let reference = next["$ref"]?.string {
                if seen.insert(reference).inserted, let target = try? resolved(next, at: "") { pending.append(target) }
                if isOld { continue }
            }
            for member in next.members ?? [] where !member.name.hasPrefix("x-") {
                if Self.single.contains(member.name) {
                    pending.append(member.value)
                } else if Self.lists.contains(member.name) {
                    pending += member.value.array ?? []
                } else if member.name == "properties" {
                    pending += (member.value.members ?? []).map(\.value)
                } else if !isKnown(member.name) {
                    return true
                }
            }
        }
        return false
    }

    private func isKnown(_ name: String) -> Bool {
        SchemaNode.checking.contains(name) || SchemaNode.describing.contains(name) || (isOld && name == "nullable")
    }
}
