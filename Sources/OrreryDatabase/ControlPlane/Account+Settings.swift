internal import OrreryEngine

/// What an account keeps of itself beside its databases: its keys, and who may do what. The database gives these values
/// no meaning.
extension Account {
    /// The value of a setting; nil where there is none of that name.
    public func setting(_ name: String) -> [UInt8]? {
        catalog.setting(name)
    }

    /// The names of all settings that begin so, in the order of their bytes.
    public func settingNames(prefix: String) -> [String] {
        catalog.settingNames(prefix: prefix)
    }

    /// Keeps a setting, durable when this returns; nil removes it.
    /// - Parameter name: 1 to 200 bytes.
    /// - Throws: `.unavailable`; then nothing was changed.
    public func keepSetting(_ name: String, _ value: [UInt8]?) throws(DatabaseError) {
        do throws(CatalogError) {
            try catalog.keepSetting(name, value)
        } catch {
            throw DatabaseError(error)
        }
    }
}
