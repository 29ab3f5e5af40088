extension JSONValue: Equatable, CustomStringConvertible {
    /// Deep equality; see `deepEqual`.
    public static func == (a: JSONValue, b: JSONValue) -> Bool { deepEqual(a, b) }

    /// Appends the value's text to a writer.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .boolean(let value): writer.boolean(value)
        case .number(let value): writer.number(value)
        case .string(let value): writer.string(value)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.name(member.name)
                member.value.write(to: &writer)
            }
            writer.endObject()
        }
    }

    /// The value's text, without white space.
    public var text: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// The value's text, without white space.
    public var description: String { String(decoding: text, as: UTF8.self) }
}
