internal import Glibc
internal import OrreryCosmos

/// What an app serves, and where.
///
/// ```swift
/// var configuration = AppConfiguration.fromEnvironment()
/// configuration.port = 9000
/// let app = App(configuration: configuration)
/// ```
public struct AppConfiguration: Sendable {
    /// The data directory (`ORRERY_DATA`).
    ///
    /// ```swift
    /// configuration.directory = "/var/lib/shop"
    /// ```
    public var directory = "data"
    /// The address to listen on (`ORRERY_HOST`); with the published key only loopback is allowed.
    ///
    /// ```swift
    /// configuration.host = "127.0.0.1"
    /// ```
    public var host = "127.0.0.1"
    /// The port (`ORRERY_PORT`); 0 takes a free one.
    ///
    /// ```swift
    /// configuration.port = 9000
    /// ```
    public var port: UInt16 = 8081
    /// The account's key in base64 (`ORRERY_KEY`); the key that the emulators publish where there is none.
    ///
    /// ```swift
    /// configuration.key = "bXkgc2VjcmV0IGtleQ=="
    /// ```
    public var key = CosmosService.publicKey
    /// What callers of request handlers send in `x-functions-key` (`ORRERY_FUNCTION_KEY`); nil asks for none on
    /// loopback and lets nobody in elsewhere.
    ///
    /// ```swift
    /// configuration.functionKey = "open sesame"
    /// ```
    public var functionKey: String?
    /// How the store works (`ORRERY_HELD_HISTORY_BYTES`, of it).
    ///
    /// ```swift
    /// configuration.store.heldHistoryBytesMax = 50 << 30
    /// ```
    public var store = StoreOptions()
    /// How many threads handlers have.
    ///
    /// ```swift
    /// configuration.handlerThreadCount = 4
    /// ```
    public var handlerThreadCount = 4

    /// The configuration where nothing else is said.
    ///
    /// ```swift
    /// let configuration = AppConfiguration()
    /// ```
    public init() {}

    /// The configuration that the variables `ORRERY_DATA`, `ORRERY_HOST`, `ORRERY_PORT`, `ORRERY_KEY`,
    /// `ORRERY_FUNCTION_KEY` and `ORRERY_HELD_HISTORY_BYTES` say.
    ///
    /// ```swift
    /// let configuration = AppConfiguration.fromEnvironment()
    /// ```
    public static func fromEnvironment() -> AppConfiguration {
        var configuration = AppConfiguration()
        if let directory = variable("ORRERY_DATA") { configuration.directory = directory }
        if let host = variable("ORRERY_HOST") { configuration.host = host }
        if let port = variable("ORRERY_PORT").flatMap({ UInt16($0) }) { configuration.port = port }
        if let key = variable("ORRERY_KEY") { configuration.key = key }
        configuration.functionKey = variable("ORRERY_FUNCTION_KEY")
        if let bytes = variable("ORRERY_HELD_HISTORY_BYTES").flatMap({ Int($0) }) {
            configuration.store.heldHistoryBytesMax = bytes
        }
        return configuration
    }

    private static func variable(_ name: String) -> String? {
        // The text is the environment's own, which nobody changes while an app is made.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    var isLoopback: Bool { host == "127.0.0.1" || host == "::1" || host == "localhost" }
}
