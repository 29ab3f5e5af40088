import OrreryCosmos

/// What the server prints when it is ready: where it is, how to get in, and something to try.
struct StartBanner {
    let endpoint: String
    let options: ServeOptions
    /// Whether the key that everybody knows gets in.
    let usesPublishedKey: Bool

    /// The lines. A key of one's own is never shown: whoever gave it knows it.
    var text: String {
        let isPublished = usesPublishedKey && !options.refusesKeys
        let key = isPublished ? CosmosService.publicKey : "$ORRERY_KEY"
        let insecure = options.tls == .selfSigned ? " -k" : ""
        let container = #"{"id":"orders","partitionKey":{"paths":["/customer"],"kind":"Hash","version":2}}"#
        let curl = "curl -s\(insecure) -H \"Authorization: Bearer \(key)\" \(endpoint)"
        let keyLine = isPublished
            ? "key       \(CosmosService.publicKey) (the emulators' public key)"
            : options.refusesKeys ? "key       none: tokens only" : "key       your own"
        return """
            orrery \(Command.version) is ready
            endpoint  \(endpoint)
            \(keyLine)
            data      \(options.isEphemeral ? "in memory, gone at stop" : options.dataDirectory)
            durability \(options.durability.rawValue)

            try:
              \(curl)dbs -d '{"id":"shop"}'
              \(curl)dbs/shop/colls -d '\(container)'
              \(curl)dbs/shop/colls/orders/docs -d '{"id":"1","customer":"ada","total":42}'

            """
    }
}
