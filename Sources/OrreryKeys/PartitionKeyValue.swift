public import OrreryDocuments

/// One component of a partition key: a scalar, or the absence of one.
///
/// Strings are equal when their UTF-8 is, numbers when their bits are: the hash goes over the bits, so minus zero lies
/// in another logical partition than zero.
public enum PartitionKeyValue: Sendable, Equatable {
    case undefined
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)

    /// A document's value as a component; absent values, arrays and objects count as undefined, as the service's SDKs
    /// have it when they read a key from an item.
    public init(_ node: JSONNode?) {
        guard let node else {
            self = .undefined
            return
        }
        switch node.kind {
        case .null: self = .null
        case .boolean: self = .boolean(node.boolean ?? false)
        case .number: self = .number(node.double ?? 0)
        case .string: self = .string(node.string ?? "")
        case .array, .object: self = .undefined
        }
    }

    /// See the type: UTF-8 and bits, not canonical equivalence and value.
    public static func == (a: PartitionKeyValue, b: PartitionKeyValue) -> Bool {
        switch (a, b) {
        case (.undefined, .undefined), (.null, .null): true
        case (.boolean(let left), .boolean(let right)): left == right
        case (.number(let left), .number(let right)): left.bitPattern == right.bitPattern
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        default: false
        }
    }
}
