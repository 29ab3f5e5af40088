import OrreryDocuments
import OrreryEngine

/// How far a handler is in one partition, as its checkpoints keep it.
///
/// | key | value |
/// |---|---|
/// | `trigger/NAME/epoch` | rises by one with each owner; its own is the condition of every commit |
/// | `trigger/NAME/lease` | `{"owner":…,"expires":…}`: until when, in milliseconds since 1970; 0 for no end |
/// | `trigger/NAME/at` | `{"lsn":…,"version":…}`: every change up to here is handled |
/// | `trigger/NAME/key/HASH` | the version up to which the changes of one partition key are, beyond that |
struct TriggerProgress: Sendable, Equatable {
    /// A place in the log.
    struct Place: Sendable, Equatable {
        var lsn: UInt64 = 0
        var version: UInt64 = 0
    }

    var epoch: UInt64 = 0
    /// Nil where the handler never ran.
    var place: Place?
    /// The version up to which each key is handled, of those that are ahead of the place.
    var keys: [String: UInt64] = [:]

    /// Reads the checkpoints of a handler.
    init(_ records: [(key: [UInt8], value: [UInt8])], name: String) {
        let prefix = Self.prefix(name)
        for record in records {
            let key = String(decoding: record.key.dropFirst(prefix.count), as: UTF8.self)
            let value = String(decoding: record.value, as: UTF8.self)
            if key == "epoch" {
                epoch = UInt64(value) ?? 0
            } else if key == "at", let json = try? JSONValue(parsing: record.value),
                let lsn = json["lsn"]?.int64, let version = json["version"]?.int64 {
                place = Place(lsn: UInt64(clamping: lsn), version: UInt64(clamping: version))
            } else if key.hasPrefix("key/"), let version = UInt64(value) {
                keys[String(key.dropFirst(4))] = version
            }
        }
    }

    /// What all keys of a handler's checkpoints begin with.
    static func prefix(_ name: String) -> [UInt8] { Array("trigger/\(name)/".utf8) }

    static func write(_ name: String, _ key: String, _ value: String?) -> CheckpointWrite? {
        CheckpointWrite(key: prefix(name) + Array(key.utf8), value: value.map { Array($0.utf8) })
    }

    static func write(_ place: Place, _ name: String) -> CheckpointWrite? {
        write(name, "at", #"{"lsn":\#(place.lsn),"version":\#(place.version)}"#)
    }

    /// That an epoch is still the present one.
    static func condition(_ name: String, epoch: UInt64) -> CheckpointChange.Condition {
        CheckpointChange.Condition(
            key: prefix(name) + Array("epoch".utf8), value: epoch == 0 ? nil : Array("\(epoch)".utf8))
    }
}
