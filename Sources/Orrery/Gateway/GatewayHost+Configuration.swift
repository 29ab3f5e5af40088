internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryGateway

/// Configuration that a program or a file brings along: `{"apis":[…],"products":[…],"settings":{…}}`.
extension GatewayHost {
    private static let lists: [(name: String, kind: GatewayDocumentKind)] = [("apis", .api), ("products", .product)]

    /// Has what is spoken of hold from now on; what is not spoken of stays as it is. Subscriptions are not among it: a
    /// key is shown once, to whoever asks for it.
    /// - Throws: ``StoreError/invalid(_:)`` for what is wrong with it, and then nothing was changed;
    ///   ``StoreError/unavailable(_:)`` where it cannot be kept.
    func apply(_ configuration: JSONValue) async throws(StoreError) {
        for document in try documents(of: configuration) where !isKept(document) {
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

    /// Whether a document is there word for word: a start that changes nothing writes nothing.
    private func isKept(_ document: JSONValue) -> Bool {
        guard let kind = document["kind"]?.string.flatMap(GatewayDocumentKind.init(rawValue:)),
            let id = document["id"]?.string, let kept = documents.document(kind, id), let members = kept.members
        else { return false }
        return JSONValue.object(members.filter { !$0.name.hasPrefix("_") }) == document
    }
}
