/// The rules that ids chosen by users obey.
///
/// Databases, containers, users and scripts are named within 255 characters; items have ids of up to 1,023 bytes
/// (features and limits). No id may be empty, end in a space, or hold a character that has a meaning in a link.
public enum ResourceName {
    /// The most characters in the id of anything but an item.
    public static let charactersMax = 255
    /// The most UTF-8 bytes in an item's id.
    public static let itemBytesMax = 1023

    /// Checks the id of a database, container, user, permission or script.
    public static func validate(_ id: String) throws(DatabaseError) {
        guard !id.utf8.isEmpty, id.utf16.count <= charactersMax else {
            throw .invalid("The input name '\(id.prefix(64))' is invalid. Ensure to provide a unique non-empty string "
                + "less than '255' characters.")
        }
        try rejectReservedCharacters(id.utf8)
    }

    /// Checks an item's id, given as its UTF-8 bytes.
    public static func validate(itemID bytes: some Collection<UInt8>) throws(DatabaseError) {
        guard !bytes.isEmpty else {
            throw .invalid("The input name is invalid. Ensure to provide a unique non-empty string less than '1024' "
                + "characters.")
        }
        guard bytes.count <= itemBytesMax else {
            throw .invalid("The input name is invalid: it has \(bytes.count) bytes. Ensure to provide a unique "
                + "non-empty string less than '1024' characters.")
        }
        try rejectReservedCharacters(bytes)
    }

    private static func rejectReservedCharacters(_ bytes: some Collection<UInt8>) throws(DatabaseError) {
        var last: UInt8 = 0
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "#"):
                throw .invalid("The input name is invalid. Ensure it holds none of the characters '/', '\\', '?', '#'.")
            case 0..<0x20:
                throw .invalid("The input name is invalid. Ensure it holds no control character.")
            default:
                last = byte
            }
        }
        if last == UInt8(ascii: " ") {
            throw .invalid("The input name is invalid. Ensure it does not end with a space.")
        }
    }
}
