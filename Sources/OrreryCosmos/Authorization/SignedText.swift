/// The text that a master-key signature covers (wire specification, section 3): verb, resource type, resource id and
/// the two dates, each on its own line. Everything but the ids of a link made of names is in small letters.
struct SignedText: Equatable {
    let bytes: [UInt8]

    /// Writes the text of one request.
    /// - Parameters:
    ///   - verb: the method, in any case.
    ///   - usesResourceIDs: whether the link is made of resource ids; then only the last of them is signed, in small
    ///     letters.
    ///   - cosmosDate: the value of `x-ms-date`, empty when absent.
    ///   - date: the value of `date`, empty when absent.
    init(
        verb: some Sequence<UInt8>, link: ResourceLink, usesResourceIDs: Bool,
        cosmosDate: some Sequence<UInt8>, date: some Sequence<UInt8>
    ) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96 + link.path.count)
        bytes.append(contentsOf: verb.lazy.map(\.lowercased))
        bytes.append(Self.newline)
        // Deleting by partition key is signed as an operation on its container.
        let isContainerOperation = link.kind == .operation
        bytes.append(contentsOf: (isContainerOperation ? .container : link.kind).keyword.bytes)
        bytes.append(Self.newline)
        if isContainerOperation {
            bytes.append(contentsOf: link.containerPath)
        } else if usesResourceIDs || link.kind == .offer {
            bytes.append(contentsOf: link.signedID.lazy.map(\.lowercased))
        } else {
            bytes.append(contentsOf: link.signedPath)
        }
        bytes.append(Self.newline)
        bytes.append(contentsOf: cosmosDate.lazy.map(\.lowercased))
        bytes.append(Self.newline)
        bytes.append(contentsOf: date.lazy.map(\.lowercased))
        bytes.append(Self.newline)
        self.bytes = bytes
    }

    private static let newline = UInt8(ascii: "\n")
}
