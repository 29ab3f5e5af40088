import OrreryDocuments

/// The rules of a container's full-text paths and their languages.
enum FullTextPolicy {
    /// The languages that the service knows.
    private static let languages = ["en-US", "de-DE", "es-ES", "fr-FR", "it-IT", "pt-BR", "pt-PT"]

    /// Checks the policy of a definition.
    /// - Throws: `.invalid`.
    static func validate(_ definition: JSONValue) throws(DatabaseError) {
        guard let policy = definition["fullTextPolicy"], !policy.isNull else { return }
        guard case .object = policy else { throw .invalidInput }
        try validate(language: policy["defaultLanguage"])
        guard let paths = policy["fullTextPaths"], !paths.isNull else { return }
        guard let list = paths.array else { throw .invalidInput }
        for entry in list {
            guard let path = entry["path"]?.string else { throw .invalidInput }
            guard path.utf8.first == UInt8(ascii: "/"), path.utf8.count > 1 else {
                throw .invalid("The Full Text Policy contains an invalid Path: \(path).")
            }
            try validate(language: entry["language"])
        }
    }

    private static func validate(language: JSONValue?) throws(DatabaseError) {
        guard let language, !language.isNull else { return }
        guard let name = language.string, languages.contains(name) else {
            throw .invalid("The Full Text Policy contains an unsupported language: \(language.string ?? "").")
        }
    }
}
