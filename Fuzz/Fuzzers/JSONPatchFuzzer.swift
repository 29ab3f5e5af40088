import OrreryDocuments

extension Fuzzer {
    /// A document and a patch, set apart by a zero byte: a patch gives a valid document or an error, and what it does
    /// not name stays.
    public static let jsonPatch = Fuzzer(name: "json-patch") { input in
        let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        guard parts.count == 2, let document = try? JSONDocument(parsing: parts[0]), document.root.kind == .object,
            let body = try? JSONDocument(parsing: parts[1], limits: .request), let patch = try? JSONPatch(body.root),
            let result = try? patch.apply(to: document)
        else { return nil }
        let named = Set(patch.operations.flatMap { [$0.path.names[0], $0.from?.names[0] ?? $0.path.names[0]] })
        for member in document.root.memberNodes {
            guard let name = member.name.stringBytes, !named.contains(name) else { continue }
            guard let kept = result.root[utf8: name] else { return "a member that is not named is gone" }
            guard kept.text.elementsEqual(member.value.text) else { return "a member that is not named is changed" }
        }
        return nil
    }
}
