import OrreryDocuments

extension Value {
    /// The same value without a hold on the document it came from, its numbers' text kept.
    var detached: Value {
        switch self {
        case .undefined, .null, .boolean, .integer, .number, .string: return self
        case .array(let array):
            return .array(ComputedArray(elements: array.elements.map(\.detached), weightBytes: array.weightBytes))
        case .object(let object):
            let members = object.members.map { ComputedMember(name: $0.name, value: $0.value.detached) }
            return .object(ComputedObject(members: members, weightBytes: object.weightBytes))
        case .node(let node):
            if node.kind == .string { return .string(node.string ?? "") }
            if let integer = node.int64 { return .integer(integer) }
            // The text was valid in its document, so parsing it alone cannot fail.
            guard let document = try? JSONDocument(parsing: Array(node.text)) else { return self }
            return .node(document.root)
        }
    }
}
