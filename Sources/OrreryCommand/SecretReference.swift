import Glibc

/// Where a secret is: in a file, in a variable of the environment, among the credentials that systemd hands to the
/// service, or written out. A configuration that refers to its secrets can be shown to anybody.
enum SecretReference: Equatable {
    /// `file:PATH`
    case file(String)
    /// `env:NAME`
    case environment(String)
    /// `credential:NAME`: a file of that name in `$CREDENTIALS_DIRECTORY` (systemd.exec(5), `LoadCredential=`).
    case credential(String)
    /// Anything else: the secret itself.
    case literal(String)

    /// Reads an option's value. No key is taken for a reference, for base64 has no colon.
    init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            self = .literal(text)
            return
        }
        switch parts[0] {
        case "file": self = .file(String(parts[1]))
        case "env": self = .environment(String(parts[1]))
        case "credential": self = .credential(String(parts[1]))
        default: self = .literal(text)
        }
    }

    /// The secret, without white space at its ends.
    /// - Parameter what: what the secret is, for the message.
    /// - Throws: `UsageError` that says what is missing, and never the secret.
    func content(what: String) throws(UsageError) -> String {
        switch self {
        case .literal(let text): return text
        case .file(let path): return try TextFile.content(path, what: what).trimmed
        case .environment(let name):
            guard let text = Self.variable(name), !text.isEmpty else {
                throw UsageError("the \(what) is to be in the variable \(name), which is not set")
            }
            return text.trimmed
        case .credential(let name):
            guard let directory = Self.variable("CREDENTIALS_DIRECTORY"), !directory.isEmpty else {
                throw UsageError("the \(what) is to be the credential \(name), but CREDENTIALS_DIRECTORY is not set: "
                    + "only services that systemd starts have it")
            }
            guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")), name != "..", name != "." else {
                throw UsageError("'\(name)' is no name of a credential")
            }
            return try TextFile.content("\(directory)/\(name)", what: what).trimmed
        }
    }

    /// The secret, where what is written out is not the secret itself but the path of its file.
    func contentOfFile(what: String) throws(UsageError) -> String {
        if case .literal(let path) = self { return try TextFile.content(path, what: what) }
        return try content(what: what)
    }

    private static func variable(_ name: String) -> String? {
        // Nothing in this program changes the environment, so the text stays as it is.
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }
}

extension String {
    /// The text without white space at its ends.
    fileprivate var trimmed: String {
        let start = unicodeScalars.firstIndex { !$0.properties.isWhitespace } ?? endIndex
        let end = unicodeScalars.lastIndex { !$0.properties.isWhitespace }.map { unicodeScalars.index(after: $0) }
        return end.map { String(self[start..<$0]) } ?? ""
    }
}
