internal import OrreryDocuments
internal import OrreryEngine

extension ContainerDefinition {
    /// What the engine is to index of the items.
    var selection: IndexSelection {
        let keys = uniqueKeys.map { paths in
            UniqueKey(
                paths.map { path in
                    let names = IndexingPolicy.names(Array(path.utf8)[...]) ?? []
                    return IndexPath(names.map(IndexPath.Step.property))
                })
        }
        return IndexSelection(
            indexingPolicy.rules, uniqueKeys: keys, composites: indexingPolicy.composites)
    }
}

extension IndexingPolicy {
    /// The policy's included and excluded paths as the engine takes them. The id is indexed whatever the policy says
    /// (features and limits, "Indexing policy"), and so is the timestamp, which the engine adds itself.
    var rules: [IndexSelection.Rule] {
        guard mode == .consistent else { return [] }
        var rules: [IndexSelection.Rule] = []
        for (list, isIncluded) in [("includedPaths", true), ("excludedPaths", false)] {
            for entry in json[list]?.array ?? [] {
                if let rule = Self.rule(entry["path"]?.string ?? "", isIncluded: isIncluded) { rules.append(rule) }
            }
        }
        let id = IndexPath([.property(Array("id".utf8))])
        rules.append(IndexSelection.Rule(path: id, coversSubtree: false, isIncluded: true))
        return rules
    }

    /// The policy's composite indexes as the engine takes them; without those that name what is never indexed.
    var composites: [CompositeIndex] {
        var composites: [CompositeIndex] = []
        for entries in json["compositeIndexes"]?.array ?? [] {
            let parts = (entries.array ?? []).compactMap { entry -> CompositeIndex.Part? in
                guard var names = Self.names(Array((entry["path"]?.string ?? "").utf8)[...]) else { return nil }
                // Old clients end such a path as one of a single value.
                if names.last == Array("?".utf8) { names.removeLast() }
                let steps = names.map { $0 == Array("[]".utf8) ? IndexPath.Step.element : .property($0) }
                return CompositeIndex.Part(
                    path: IndexPath(steps), isDescending: entry["order"]?.string == "descending")
            }
            guard parts.count == entries.array?.count, let composite = CompositeIndex(parts) else { continue }
            if !composites.contains(composite) { composites.append(composite) }
        }
        return composites
    }

    /// Reads a policy's path, such as `/a/"b c"/[]/?`; nil where it is none.
    static func rule(_ path: String, isIncluded: Bool) -> IndexSelection.Rule? {
        guard var names = names(Array(path.utf8)[...]), let end = names.popLast() else { return nil }
        let coversSubtree = end == Array("*".utf8)
        let isElement = end == Array("[]".utf8)
        guard coversSubtree || isElement || end == Array("?".utf8) else { return nil }
        if isElement { names.append(end) }
        let steps = names.map { name in
            name == Array("[]".utf8) ? IndexPath.Step.element : .property(name)
        }
        return IndexSelection.Rule(path: IndexPath(steps), coversSubtree: coversSubtree, isIncluded: isIncluded)
    }

    /// The parts of a path between its slashes. A part in quotes may hold slashes; within it a backslash stands before
    /// a quote or another backslash.
    static func names(_ path: ArraySlice<UInt8>) -> [[UInt8]]? {
        var rest = path
        var names: [[UInt8]] = []
        while let slash = rest.popFirst() {
            guard slash == UInt8(ascii: "/") else { return nil }
            var name: [UInt8] = []
            if let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                rest.removeFirst()
                while let byte = rest.popFirst(), byte != quote {
                    if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                        name.append(escaped)
                    } else {
                        name.append(byte)
                    }
                }
            } else {
                while let byte = rest.first, byte != UInt8(ascii: "/") {
                    name.append(byte)
                    rest.removeFirst()
                }
            }
            names.append(name)
        }
        return names
    }
}
