import Foundation

/// One file of the compatibility kit: the small part of YAML that its files use, which is a list of tests under a name,
/// each a few scalars and at most one mapping of scalars.
struct TestKitFile {
    /// A scalar as it was written: `"1.0"` is text, `1` a number.
    struct Scalar {
        let text: String
        let isQuoted: Bool
    }

    struct Case {
        var scalars: [String: Scalar] = [:]
        /// The mapping under `event` or `eventOverrides`.
        var attributes: [String: Scalar] = [:]
        var replacesEvent = false
    }

    let cases: [Case]

    init(_ text: String) {
        var cases: [Case] = []
        for line in text.split(separator: "\n") {
            let indent = line.prefix { $0 == " " }.count
            var content = line.dropFirst(indent)
            if indent == 0 || content.isEmpty || content.first == "#" { continue }
            if content.hasPrefix("- ") {
                cases.append(Case())
                content = content.dropFirst(2)
            }
            guard let colon = content.firstIndex(of: ":"), !cases.isEmpty else { continue }
            let name = String(content[..<colon])
            let value = content[content.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            let last = cases.count - 1
            if indent >= 6 {
                cases[last].attributes[name] = Self.scalar(value)
            } else if value.isEmpty {
                cases[last].replacesEvent = name == "event"
            } else {
                cases[last].scalars[name] = Self.scalar(value)
            }
        }
        self.cases = cases
    }

    private static func scalar(_ text: String) -> Scalar {
        if text.count >= 2, text.first == "'", text.last == "'", !text.dropFirst().dropLast().contains("'") {
            return Scalar(text: String(text.dropFirst().dropLast()), isQuoted: true)
        }
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return Scalar(text: text, isQuoted: false) }
        var result = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return Scalar(text: result, isQuoted: true)
    }
}
