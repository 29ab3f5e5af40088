import OrreryDocuments

extension FunctionTable {
    static let stringConversionFunctions: [FunctionDefinition] = [
        parse("StringToArray", "STRING_TO_ARRAY", .array),
        parse("StringToBoolean", "STRING_TO_BOOLEAN", .boolean),
        parse("StringToNull", "STRING_TO_NULL", .null),
        parse("StringToNumber", "STRING_TO_NUMBER", .number),
        parse("StringToObject", "STRING_TO_OBJECT", .object),
        FunctionDefinition(
            "ToString", aliases: ["TO_STRING"], .string, [.init("value", .defined)],
            .one { value in
                if value.kind == .string { return value }
                return .string(value.description)
            }),
    ]

    /// Strict JSON of one kind, blanks around it allowed; anything else is undefined.
    private static func parse(_ name: String, _ alias: String, _ kind: JSONNode.Kind) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases: [alias], .string, [.init("string", .string)],
            .one { string in
                guard let document = try? JSONDocument(parsing: Array((string.string ?? "").utf8)),
                    document.root.kind == kind
                else { return .undefined }
                // A number read from a string is a computed one: only stored numbers keep their text.
                return kind == .number ? Value(JSONValue(document.root)) : Value(document.root)
            })
    }
}
