import OrreryHTTP

extension ServeOptions {
    /// Where the server may call addresses that strangers name: those of webhooks, and of identity providers' keys.
    var addressPolicy: HTTPAddressPolicy {
        HTTPAddressPolicy(
            allowsLoopback: webhookNetworks.contains(.loopback),
            allowsPrivate: webhookNetworks.contains(.privateNetwork),
            allowsLinkLocal: webhookNetworks.contains(.linkLocal))
    }
}
