import OrreryHTTP

/// What policies need to know of their surroundings when they are made.
struct PolicyContext: Sendable {
    /// Gives what a reference such as `file:/etc/keys.json` or `env:JWT_SECRET` leads to; nil where that is nothing.
    let secret: @Sendable (String) -> [UInt8]?
}

/// What policies draw on when a call comes by.
struct PolicyServices: Sendable {
    let gateway: Gateway
    let cache: GatewayCache
    let nowSeconds: Int64
    /// On a clock that never goes back.
    let nowNanoseconds: UInt64
}

/// What a policy comes to for one call.
enum PolicyOutcome: Sendable {
    case goOn
    /// The same policy is applied once more: what it waited for is there.
    case again
    /// The call goes on, and the closure is told how it ended.
    case goOnUntil(CallEnding)
    /// The call ends here, with this answer.
    case answer(HTTPResponse)
    /// The call waits; the closure is handed what is to be told the outcome, once, from any thread.
    case wait(@Sendable (@escaping @Sendable (PolicyOutcome) -> Void) -> Void)
}
