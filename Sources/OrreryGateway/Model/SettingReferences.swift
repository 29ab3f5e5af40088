import OrreryDocuments

/// Settings of the surroundings in the texts of a document: `{env.NAME}` stands for the variable of that name. They are
/// filled in when the configuration is read, so that what is kept and shown holds no secret.
struct SettingReferences {
    let context: PolicyContext

    /// A document with its settings filled in.
    /// - Throws: where there is no such setting.
    func filled(_ json: JSONValue) throws(ConfigurationError) -> JSONValue {
        switch json {
        case .string(let text): return .string(try filled(text))
        case .array(let elements):
            var filled: [JSONValue] = []
            for element in elements { filled.append(try self.filled(element)) }
            return .array(filled)
        case .object(let members):
            var filled: [JSONMember] = []
            for member in members { filled.append(JSONMember(member.name, try self.filled(member.value))) }
            return .object(filled)
        default: return json
        }
    }

    private func filled(_ text: String) throws(ConfigurationError) -> String {
        let mark = "{env."
        guard text.contains(mark) else { return text }
        var filled = ""
        var rest = text[...]
        while let start = rest.firstRange(of: mark) {
            filled += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                throw ConfigurationError("a brace of '\(text)' is not closed")
            }
            let name = String(rest[start.upperBound..<end])
            guard Self.isName(name), let bytes = context.secret("env:" + name) else {
                throw ConfigurationError("there is no setting '\(name)'")
            }
            // What stands in a setting is text, and no place to be filled in.
            let value = String(decoding: bytes, as: UTF8.self)
            filled += value.replacing("{", with: "{{").replacing("}", with: "}}")
            rest = rest[rest.index(after: end)...]
        }
        return filled + rest
    }

    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, first &- 0x30 >= 10 else { return false }
        return text.utf8.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "_")
        }
    }
}
