internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryGateway

/// Configuration that a program or a file brings along: `{"apis":[…],"products":[…],"settings":{…}}`.
extension GatewayHost {
    private static let lists: [(name: String, kind: GatewayDocumentKind)] = [("apis", .api), ("products", .product)]

    /// Has a configuration in JSON hold, as ``apply(_:)-(JSONValue)`` does.
    package func apply(_ text: String) async throws(StoreError) {
        let configuration: JSONValue
        do throws(JSONError) {
            configuration = try JSONValue(parsing: text)
        } catch {
            throw .invalid("it is not JSON: \(error)")
        }
        guard configuration.members != nil else { throw .invalid("it is not a JSON object") }
        try await apply(configuration)
    }

    /// Has what is spoken of hold from now on; what is not spoken of stays as it is. Subscriptions are not among it: a
    /// key is shown once, to whoever asks for it.
    /// - Throws: ``StoreError/invalid(_:)`` for what is wrong with it, and then nothing was changed;
    ///   ``StoreError/unavailable(_:)`` where it cannot be kept.
    func apply(_ configuration: JSONValue) async throws(StoreError) {
        for declared in try documents(of: configuration) {
            let document = completed(declared)
            if isKept(document) { continue }
            let isKept = await withCheckedContinuation { continuation in
                documents.keep(document) { continuation.resume(returning: $0) }
            }
            guard isKept else { throw .unavailable("The gateway's configuration cannot be kept.") }
        }
        await withCheckedContinuation { continuation in
            let isTaken = worker.submit {
                self.reload()
                continuation.resume()
            }
            if !isTaken { continuation.resume() }
        }
    }

    private func documents(of configuration: JSONValue) throws(StoreError) -> [JSONValue] {
        var documents: [JSONValue] = []
        for member in configuration.members ?? [] {
            if let list = Self.lists.first(where: { $0.name == member.name }), let parts = member.value.array {
                for part in parts { documents.append(try checked(part, list.kind)) }
            } else if member.name == "settings" {
                var settings = member.value
                settings["id"] = "settings"
                documents.append(try checked(settings, .settings))
            } else {
                throw .invalid("The gateway's configuration has no '\(member.name)'.")
            }
        }
        return documents
    }

    private func checked(_ part: JSONValue, _ kind: GatewayDocumentKind) throws(StoreError) -> JSONValue {
        var document = part
        document["kind"] = .string(kind.rawValue)
        do throws(ConfigurationError) {
            try gateway.check(document, of: kind)
        } catch {
            throw .invalid(error.description)
        }
        return document
    }

    /// A declared document as it is to be kept. Which revision an API is, releases have made of it, and that is none of
    /// the program's business.
    private func completed(_ declared: JSONValue) -> JSONValue {
        guard let (kind, id) = Self.identity(declared), kind == .api else { return declared }
        var document = declared
        let isOther = id.contains(GatewayDocuments.revisionMark)
        if let kept = documents.document(kind, id), isOther || kept["releases"] != nil {
            for name in ["revision", "releases"] { document[name] = kept[name] }
        }
        if isOther {
            // It has those of the current one, and a release takes them away.
            for name in ["path", "version"] { document[name] = Optional<JSONValue>.none }
        }
        return document
    }

    /// Whether a document is there word for word: a start that changes nothing writes nothing. A revision that has
    /// become the current one is left to what is declared of the API itself.
    private func isKept(_ document: JSONValue) -> Bool {
        guard let (kind, id) = Self.identity(document) else { return false }
        if kind == .api, documents.isCurrent(id) { return true }
        guard let members = documents.document(kind, id)?.members else { return false }
        // In whatever order: what is carried over stands at the end.
        let kept = members.filter { !$0.name.hasPrefix("_") }
        return kept.count == document.members?.count && kept.allSatisfy { document[$0.name] == $0.value }
    }

    private static func identity(_ document: JSONValue) -> (kind: GatewayDocumentKind, id: String)? {
        guard let kind = document["kind"]?.string.flatMap(GatewayDocumentKind.init(rawValue:)),
            let id = document["id"]?.string
        else { return nil }
        return (kind, id)
    }
}
