public import OrreryKeys

/// What a resource of the control plane is. The raw values are written to disk.
public enum ResourceKind: UInt8, Sendable, Hashable, CaseIterable {
    case database = 1
    case container = 2
    case partition = 3
    case offer = 4
    case user = 5
    case permission = 6
    case storedProcedure = 7
    case trigger = 8
    case userDefinedFunction = 9
}

/// One resource of the control plane: where it stands in the tree, and its definition.
public struct CatalogRecord: Sendable, Equatable {
    public let kind: ResourceKind
    /// Its own resource id; never given twice, also after deletion.
    public let resourceID: ResourceID
    /// The resource id it stands under; nil at the top (databases, offers).
    public let parent: ResourceID?
    /// Its name, unique among resources of its kind under its parent. Compared byte by byte.
    public let id: String
    /// The definition as JSON text, without the system properties.
    public let body: [UInt8]
    /// The entity tag, without quotes. Changes with every replace.
    public let etag: String
    /// When it was last written, in seconds since 1970.
    public let timestampSeconds: Int64

    init(
        kind: ResourceKind, resourceID: ResourceID, parent: ResourceID?, id: String, body: [UInt8], etag: String,
        timestampSeconds: Int64
    ) {
        self.kind = kind
        self.resourceID = resourceID
        self.parent = parent
        self.id = id
        self.body = body
        self.etag = etag
        self.timestampSeconds = timestampSeconds
    }

    /// The bytes in the catalog's file (Docs/FileFormat.md, "Catalog").
    var encoded: [UInt8] {
        var encoder = ByteEncoder()
        encoder.append(counted: parent?.bytes ?? [])
        encoder.append(counted: id.utf8)
        encoder.append(counted: etag.utf8)
        encoder.append(timestampSeconds)
        encoder.append(counted: body)
        return encoder.bytes
    }

    /// Reads a record back, or answers nil when the bytes are none.
    init?(key: Span<UInt8>, value: Span<UInt8>) {
        guard key.count > 1, let kind = ResourceKind(rawValue: key[0]),
            let resourceID = ResourceID(bytes: [UInt8](copying: key.extracting(1..<key.count)))
        else { return nil }
        var decoder = ByteDecoder(value)
        guard let parent = decoder.counted(), let id = decoder.counted(), let etag = decoder.counted(),
            let timestampSeconds = decoder.number(Int64.self), let body = decoder.counted()
        else { return nil }
        self.init(
            kind: kind, resourceID: resourceID, parent: ResourceID(bytes: parent),
            id: String(decoding: id, as: UTF8.self), body: body, etag: String(decoding: etag, as: UTF8.self),
            timestampSeconds: timestampSeconds)
    }
}
