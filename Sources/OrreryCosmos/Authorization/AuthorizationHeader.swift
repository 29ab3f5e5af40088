import OrreryHTTP

/// The `authorization` header of a request, read but not yet believed.
///
/// SDKs send the percent-encoded text `type=master&ver=1.0&sig=…` (wire specification, section 3). People with curl may
/// send `Bearer KEY` or `Bearer TOKEN` instead.
enum AuthorizationHeader: Equatable {
    /// A signature over the request, in base64 as it was sent.
    case master(signature: String)
    /// A resource token that this server gave out with a permission, whole.
    case resource(token: String)
    /// A token of an identity provider.
    case identity(token: String)
    /// The account's key itself.
    case bearer(key: [UInt8])

    var isIdentity: Bool {
        if case .identity = self { true } else { false }
    }

    /// Reads a header's value. Nil for a value of none of these forms.
    init?(_ value: some Collection<UInt8>) {
        if value.prefix(7).equalsIgnoringCase("bearer ") {
            var key = Array(value.dropFirst(7))
            if key.contains(UInt8(ascii: " ")) { key.removeAll { $0 == UInt8(ascii: " ") } }
            // Keys are base64, which has no dot; tokens have two.
            let isToken = key.contains(UInt8(ascii: "."))
            self = isToken ? .identity(token: String(decoding: key, as: UTF8.self)) : .bearer(key: key)
            return
        }
        guard let text = try? PercentEncoding.bytes(Array(value)) else { return nil }
        var type: ArraySlice<UInt8> = []
        var version: ArraySlice<UInt8> = []
        var signature: ArraySlice<UInt8> = []
        // The signature stands last and may itself hold any character, so only the first two fields end at a "&".
        var rest = text[...]
        while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
            let name = rest[..<equals].map(\.lowercased)
            let isSignature = name.elementsEqual("sig")
            let end = isSignature ? rest.endIndex : rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.endIndex
            let value = rest[rest.index(after: equals)..<end]
            if name.elementsEqual("type") { type = value }
            if name.elementsEqual("ver") { version = value }
            if isSignature { signature = value }
            rest = end == rest.endIndex ? [] : rest[rest.index(after: end)...]
        }
        guard !version.isEmpty, !signature.isEmpty else { return nil }
        switch type.map(\.lowercased) {
        case let type where type.elementsEqual("master"):
            self = .master(signature: String(decoding: signature, as: UTF8.self))
        case let type where type.elementsEqual("resource"):
            self = .resource(token: String(decoding: text, as: UTF8.self))
        case let type where type.elementsEqual("aad"):
            self = .identity(token: String(decoding: signature, as: UTF8.self))
        default: return nil
        }
    }
}
