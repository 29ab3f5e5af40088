/// The service's own name of a resource, `_rid`: bytes that carry the path from the database down.
///
/// | resource | bytes |
/// |---|---|
/// | offer | 3 |
/// | database | 4 |
/// | container, user | the database's 4, then 4 more; the high bit of the first of them is set for a container |
/// | item, script, partition key range, permission | the parent's 8, then 8 more |
///
/// Of a container's children the last eight bytes are a little-endian number whose top four bits say the kind.
/// The text form is base64 with `-` in place of `/` (specs/cosmos-wire.md, section 5).
public struct ResourceID: Sendable, Hashable {
    /// What a child of a container is: the top four bits of its number.
    public enum ChildKind: UInt8, Sendable {
        case item = 0x0
        case conflict = 0x4
        case partitionKeyRange = 0x5
        case userDefinedFunction = 0x6
        case trigger = 0x7
        case storedProcedure = 0x8
    }

    /// The raw bytes: 3, 4, 8 or 16 of them.
    public let bytes: [UInt8]

    /// Takes raw bytes; nil unless their number is one of the four sizes.
    public init?(bytes: [UInt8]) {
        guard [3, 4, 8, 16].contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    private init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The id of an offer.
    public static func offer(_ number: UInt32) -> ResourceID {
        ResourceID(unchecked: Array(littleEndianBytes(UInt64(number)).prefix(3)))
    }

    /// The id of a database.
    public static func database(_ number: UInt32) -> ResourceID {
        ResourceID(unchecked: Array(littleEndianBytes(UInt64(number)).prefix(4)))
    }

    /// The id of a container of this database. Numbers stay below 2^31.
    public func container(_ number: UInt32) -> ResourceID {
        ResourceID(unchecked: bytes.prefix(4) + Self.bigEndianBytes(number | 0x8000_0000))
    }

    /// The id of a user of this database. Numbers stay below 2^31.
    public func user(_ number: UInt32) -> ResourceID {
        ResourceID(unchecked: bytes.prefix(4) + Self.bigEndianBytes(number & 0x7FFF_FFFF))
    }

    /// The id of a child of this container. Numbers stay below 2^60.
    public func child(_ kind: ChildKind, _ number: UInt64) -> ResourceID {
        let tagged = (number & 0x0FFF_FFFF_FFFF_FFFF) | (UInt64(kind.rawValue) << 60)
        return ResourceID(unchecked: bytes.prefix(8) + Self.littleEndianBytes(tagged))
    }

    /// The id of a permission of this user.
    public func permission(_ number: UInt64) -> ResourceID {
        ResourceID(unchecked: bytes.prefix(8) + Self.littleEndianBytes(number))
    }

    /// The id of the database this resource is in; nil for an offer.
    public var database: ResourceID? {
        bytes.count >= 4 ? ResourceID(unchecked: Array(bytes.prefix(4))) : nil
    }

    /// The id of the container (or user) this resource is in or is; nil above that.
    public var container: ResourceID? {
        bytes.count >= 8 ? ResourceID(unchecked: Array(bytes.prefix(8))) : nil
    }

    /// Whether this is the id of a container rather than of a user.
    public var isContainer: Bool {
        bytes.count == 8 && bytes[4] & 0x80 != 0
    }

    /// The number in the last eight bytes, without the kind; nil unless this is a child of a container or user.
    public var childNumber: UInt64? {
        guard bytes.count == 16 else { return nil }
        return bytes[8...].reversed().reduce(0) { $0 << 8 | UInt64($1) } & 0x0FFF_FFFF_FFFF_FFFF
    }

    /// The kind of a container's child; nil for other resources and unknown kinds.
    public var childKind: ChildKind? {
        bytes.count == 16 ? ChildKind(rawValue: bytes[15] >> 4) : nil
    }

    private static func littleEndianBytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    private static func bigEndianBytes(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
}
