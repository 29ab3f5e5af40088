import OrreryDocuments
import OrreryYAML

extension Fuzzer {
    /// Bytes as YAML: an error, or a value that can be written as JSON and is read as the same again.
    public static let yaml = Fuzzer(name: "yaml") { input in
        guard let value = try? JSONValue(yaml: input) else { return nil }
        guard let again = try? JSONValue(parsing: value.text) else { return "the value has no text in JSON" }
        return again == value ? nil : "the value is another when it was written"
    }
}
