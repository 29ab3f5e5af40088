public import OrreryDocuments

extension Fuzzer {
    /// The scanner's verdict against Foundation's, and what it reads against itself.
    public static let jsonScanner = jsonScanner { text in
        Result { () throws(JSONError) in try JSONDocument(parsing: text) }
    }

    /// The same over another scanner, such as one with a planted fault.
    public static func jsonScanner(
        scan: @escaping @Sendable ([UInt8]) -> Result<JSONDocument, JSONError>
    ) -> Fuzzer {
        Fuzzer(name: "json-scanner") { text in
            let other = JSONReference.value(of: text)
            switch scan(text) {
            case .failure(let error):
                guard error.offset >= 0, error.offset <= text.count else { return "an offset outside the text" }
                let isKnown = JSONReference.mayAccept(text, despite: error) || JSONReference.misreads(text)
                return other == nil || isKnown ? nil : "refused (\(error)), and the reference accepts it"
            case .success(let document):
                guard let other else {
                    return JSONReference.misreads(text) ? nil : "accepted, and the reference refuses it"
                }
                return JSONReference.fault(in: document.root, against: other) ?? faultInRoundTrip(document)
            }
        }
    }

    /// What is read can be written, and reads back equal.
    private static func faultInRoundTrip(_ document: JSONDocument) -> String? {
        let value = JSONValue(document.root)
        guard let again = try? JSONDocument(parsing: value.text) else { return "its own text is refused" }
        guard deepEqual(again.root, document.root), deepEqual(document.root, value) else {
            return "it reads back unequal"
        }
        return document.root.text.elementsEqual(document.text[document.root.textRange]) ? nil : "its text is displaced"
    }
}
