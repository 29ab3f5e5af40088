// OrreryKeys: values as bytes that sort as the values do, partition keys and their hashed, effective form, ranges of
// them, and resource ids. It knows nothing of storage, containers' contents, queries or HTTP.

import OrreryDocuments

/// A partition key: one component per path of the container's definition, fewer for a prefix of a hierarchical key,
/// none where a container with a system key has items without one.
public struct PartitionKey: Sendable, Equatable {
    /// The components, in the order of the definition's paths.
    public var values: [PartitionKeyValue]

    /// A key from its components.
    public init(_ values: [PartitionKeyValue]) {
        self.values = values
    }

    /// Parses the value of `x-ms-documentdb-partitionkey`: a JSON array of scalars, `{}` standing for undefined
    /// (cosmos-wire.md, section 2).
    public init(headerText: String) throws(PartitionKeyError) {
        try self.init(headerText: Array(headerText.utf8))
    }

    /// Parses the header's UTF-8; see `init(headerText: String)`.
    public init(headerText: [UInt8]) throws(PartitionKeyError) {
        let document: JSONDocument
        do { document = try JSONDocument(parsing: headerText) } catch { throw .malformedHeader }
        guard document.root.kind == .array else { throw .malformedHeader }
        values = []
        values.reserveCapacity(document.root.count)
        for element in document.root.elements {
            switch element.kind {
            case .array: throw .unsupportedValue
            case .object: guard element.count == 0 else { throw .unsupportedValue }
            default: break
            }
            values.append(PartitionKeyValue(element))
        }
    }

    /// The header's value for this key, ASCII with `\u` escapes as the service's SDKs write it.
    public var headerText: String {
        var writer = JSONWriter(escapesNonASCII: true)
        writer.beginArray()
        for value in values {
            switch value {
            case .undefined:
                writer.beginObject()
                writer.endObject()
            case .null: writer.null()
            case .boolean(let value): writer.boolean(value)
            case .number(let value): writer.number(value)
            case .string(let value): writer.string(value)
            }
        }
        writer.endArray()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The key as bytes that differ for different keys and sort component by component in the order of values; what
    /// storage keeps and compares. Each component is laid out as `OrderedValue` says, never truncated, but with minus
    /// zero kept apart from zero.
    public var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        for value in values {
            switch value {
            case .undefined: bytes.append(OrderedValue.Tag.undefined.rawValue)
            case .null: bytes.append(OrderedValue.Tag.null.rawValue)
            case .boolean(let value): bytes.append(OrderedValue.Tag(value).rawValue)
            case .number(let value): OrderedValue.append(bitsOf: value, to: &bytes)
            case .string(let value): OrderedValue.append(string: value.utf8, to: &bytes)
            }
        }
        return bytes
    }
}

/// Why a partition key or its definition is not acceptable.
public enum PartitionKeyError: Error, Sendable, Equatable {
    /// The header is not a JSON array.
    case malformedHeader
    /// A component is an array or an object with members.
    case unsupportedValue
    /// The definition is not an object with an array of paths, or its kind or version is unknown.
    case malformedDefinition
    /// More than three paths, or more than one for kind Hash.
    case tooManyPaths
    /// A path is not `/name` or `/name/…`, ends in a slash, has a wildcard or an unclosed quote. Carries the path.
    case invalidPath(String)
}
