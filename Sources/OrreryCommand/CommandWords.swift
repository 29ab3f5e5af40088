/// A command line taken apart: its words, and its options with their values.
struct CommandWords: Equatable {
    private(set) var words: [String] = []
    private(set) var options: [String: String] = [:]

    /// - Parameter names: of the options that there are; each takes a value, behind it or behind `=`.
    /// - Throws: `UsageError` with one line for the user.
    init(_ arguments: [String], options names: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                words.append(argument)
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0].dropFirst(2))
            guard names.contains(name) else { throw UsageError("unknown option '--\(name)'") }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty else {
                throw UsageError("--\(name) needs a value")
            }
            options[name] = value
        }
    }

    /// A word that may stand in a path as it is: letters, digits and hyphens.
    static func segment(_ word: String, what: String) throws(UsageError) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "-")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard isPlain, !word.isEmpty else { throw UsageError("'\(word)' is no name of \(what)") }
        return word
    }
}
