import OrreryDocuments

extension Value {
    /// Writes the value as JSON; document values as they were written. Undefined writes nothing and is the caller's
    /// affair. NaN and the infinities cannot be written and refuse the query.
    func write(to writer: inout JSONWriter) throws(QueryError) {
        switch self {
        case .undefined: break
        case .null: writer.null()
        case .boolean(let value): writer.boolean(value)
        case .integer(let value): writer.number(value)
        case .number(let value):
            guard value.isFinite else { throw Self.notFinite }
            writer.number(value)
        case .string(let value): writer.string(value)
        case .array(let array):
            writer.beginArray()
            for element in array.elements { try element.write(to: &writer) }
            writer.endArray()
        case .object(let object):
            writer.beginObject()
            for member in object.members {
                writer.name(member.name)
                try member.value.write(to: &writer)
            }
            writer.endObject()
        case .node(let node): writer.raw(node)
        }
    }

    private static let notFinite = QueryError(
        .notRepresentable, "The query yields a number that is not finite, which JSON cannot hold.")

    /// The value as ToString shows it within containers: compact JSON, numbers that are not finite spelt out.
    func writeText(to writer: inout JSONWriter) {
        switch kind {
        case .undefined: break
        case .null: writer.null()
        case .boolean: writer.boolean(isTrue)
        case .number:
            if case .node(let node) = self {
                writer.raw(node)
            } else if let integer = int64 {
                writer.number(integer)
            } else {
                writeFraction(double ?? 0, to: &writer)
            }
        case .string: writer.string(string ?? "")
        case .array:
            writer.beginArray()
            for element in elements ?? [] { element.writeText(to: &writer) }
            writer.endArray()
        case .object:
            writer.beginObject()
            for member in members ?? [] {
                writer.name(member.name)
                member.value.writeText(to: &writer)
            }
            writer.endObject()
        }
    }

    private func writeFraction(_ number: Double, to writer: inout JSONWriter) {
        if number.isFinite { writer.number(number) } else { writer.raw(Value.spelling(of: number).utf8) }
    }

    static func spelling(of value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }

    /// The value as JSON text, for plans and messages.
    var description: String {
        if isUndefined { return "undefined" }
        var writer = JSONWriter()
        writeText(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
