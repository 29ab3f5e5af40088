internal import OrreryLMDB
internal import Synchronization

/// What an account keeps of itself beside its resources, by name: keys and who may do what. Few and small, so all of it
/// is in memory. Each change is durable before the call returns.
extension Catalog {
    /// The value of a setting; nil where there is none of that name.
    public func setting(_ name: String) -> [UInt8]? {
        let name = Array(name.utf8)
        return settings.withLock { $0[name] }
    }

    /// The names of all settings that begin so, in the order of their bytes.
    public func settingNames(prefix: String) -> [String] {
        let prefix = Array(prefix.utf8)
        return settings.withLock { $0.keys.filter { $0.starts(with: prefix) } }
            .sorted { $0.lexicographicallyPrecedes($1) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// Keeps a setting, in place of one of the same name; nil removes it.
    ///
    /// - Parameter name: at most 200 bytes, not empty.
    /// - Throws: `.storage`; then nothing was changed.
    public func keepSetting(_ name: String, _ value: [UInt8]?) throws(CatalogError) {
        let name = Array(name.utf8)
        guard (1...200).contains(name.count) else { throw .storage("a setting's name has \(name.count) bytes") }
        try changing.withLock { (_) throws(CatalogError) in
            try change { (transaction) throws(LMDBError) in
                if let value {
                    try transaction.put(settingsTable, key: name.span, value: value.span)
                } else {
                    try transaction.remove(settingsTable, key: name.span)
                }
            }
            settings.withLock { $0[name] = value }
        }
    }

    static func loadSettings(
        _ environment: Environment, _ table: Database
    ) throws(LMDBError) -> [[UInt8]: [UInt8]] {
        var settings: [[UInt8]: [UInt8]] = [:]
        let transaction = try environment.read()
        var cursor = try transaction.cursor(table)
        var more = try cursor.first()
        while more {
            settings[[UInt8](copying: cursor.key)] = [UInt8](copying: cursor.value)
            more = try cursor.next()
        }
        return settings
    }
}
