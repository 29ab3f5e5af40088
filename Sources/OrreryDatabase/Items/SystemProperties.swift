internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys

/// The properties that the service adds to every item, and how they come into its text.
///
/// A stored text is the user's own, byte for byte, with the system properties behind its last member; those that the
/// user sent along, as SDKs do with an item they read before, are left out first. What the commit alone knows is
/// written over placeholders of the same width (``ItemBody``).
struct SystemProperties: Sendable {
    private let template: [UInt8]
    private let resourceIDOffset: Int
    private let selfOffset: Int
    private let etagOffset: Int
    private let timestampOffset: Int

    /// The properties of a container's items: `_self` names the database and the container by their resource ids.
    init(container: ResourceID) {
        var text: [UInt8] = []
        func add(_ part: String) { text += Array(part.utf8) }
        func addPlaceholder(_ count: Int) -> Int {
            defer { text += [UInt8](repeating: UInt8(ascii: "0"), count: count) }
            return text.count
        }
        add("\"_rid\":\"")
        resourceIDOffset = addPlaceholder(ItemBody.resourceIDCount)
        add("\",\"_self\":\"dbs/\(container.database?.text ?? "")/colls/\(container.text)/docs/")
        selfOffset = addPlaceholder(ItemBody.resourceIDCount)
        add("/\",\"_etag\":\"\\\"")
        etagOffset = addPlaceholder(ItemEtag.textCount)
        add("\\\"\",\"_attachments\":\"attachments/\",\"_ts\":")
        timestampOffset = addPlaceholder(ItemBody.timestampCount)
        add("}")
        template = text
    }

    /// The text to store for a document: an object with at least one member that is not the service's own.
    func body(of document: JSONDocument, entries: IndexEntries, timeToLiveSeconds: Int32) -> ItemBody? {
        let root = document.root
        var text: [UInt8] = []
        text.reserveCapacity(document.text.count + template.count + 1)
        if SystemProperty.isNamed(in: document) {
            text.append(UInt8(ascii: "{"))
            for (name, value) in root.memberNodes where !SystemProperty.isName(name) {
                text += name.text
                text.append(UInt8(ascii: ":"))
                text += value.text
                text.append(UInt8(ascii: ","))
            }
        } else {
            // The object's own text up to its closing brace.
            let content = root.text
            text += content[..<(content.endIndex - 1)]
            text.append(UInt8(ascii: ","))
        }
        let start = text.count
        text += template
        return ItemBody(
            text: text, resourceIDOffset: start + resourceIDOffset, selfOffset: start + selfOffset,
            etagOffset: start + etagOffset, timestampOffset: start + timestampOffset, entries: entries,
            timeToLiveSeconds: timeToLiveSeconds)
    }
}
