import OrreryEngine

/// How far a handler is in one partition, as its checkpoints keep it.
///
/// | key | value |
/// |---|---|
/// | `trigger/NAME/epoch` | rises by one with each owner; its own is the condition of every commit |
/// | `trigger/NAME/lease` | a ``TriggerLease``: who has it, and until when |
/// | `trigger/NAME/at` | `{"lsn":…,"version":…}`: every change up to here is handled |
/// | `trigger/NAME/key/HASH` | the version up to which the changes of one partition key are, beyond that |
/// | `trigger/NAME/paused` | there while changes are held back from workers of other processes |
/// | `trigger/NAME/lost` | a ``TriggerLoss``: how many changes it was never given that the log had let go of |
/// | `trigger/NAME/redrive` | a time: dead letters that were kept up to then are handed to workers again |
/// | `trigger/NAME/gaps` | the version up to which it is known that the history lacks something, and taken so |
struct TriggerProgress: Sendable {
    var epoch: UInt64 = 0
    var lease: TriggerLease?
    /// Nil where the handler never ran.
    var place: HistoryPlace?
    var gapVersionMax: UInt64 = 0
    /// Whether changes are held back from workers of other processes.
    var isPaused = false
    var loss = TriggerLoss()
    /// Up to when dead letters were kept that are handed to workers again, in milliseconds since 1970; nil for none.
    var redriveMilliseconds: Int64?
    /// The version up to which each key is handled, of those that are ahead of the place.
    private(set) var keys: [String: UInt64] = [:]
    /// The same by their versions, the least last; some were followed by greater ones of their keys.
    private var keysByVersion: [(version: UInt64, key: String)] = []

    /// Reads the checkpoints of a handler.
    init(_ records: [(key: [UInt8], value: [UInt8])], name: String) {
        let prefix = Self.prefix(name)
        for record in records {
            let key = String(decoding: record.key.dropFirst(prefix.count), as: UTF8.self)
            let value = String(decoding: record.value, as: UTF8.self)
            if key == "epoch" {
                epoch = UInt64(value) ?? 0
            } else if key == "at" {
                place = HistoryPlace(text: record.value)
            } else if key == "lease" {
                lease = TriggerLease(text: record.value)
            } else if key == "paused" {
                isPaused = true
            } else if key == "lost" {
                loss = TriggerLoss(text: record.value)
            } else if key == "redrive" {
                redriveMilliseconds = Int64(value)
            } else if key == "gaps" {
                gapVersionMax = UInt64(value) ?? 0
            } else if key.hasPrefix("key/"), let version = UInt64(value) {
                advance(String(key.dropFirst(4)), to: version)
            }
        }
    }

    /// Says that a key is handled up to a version.
    mutating func advance(_ key: String, to version: UInt64) {
        keys[key] = version
        var (low, high) = (0, keysByVersion.count)
        while low < high {
            let middle = (low + high) / 2
            if keysByVersion[middle].version > version { low = middle + 1 } else { high = middle }
        }
        keysByVersion.insert((version: version, key: key), at: low)
    }

    /// Takes out the keys that are not ahead of a place any more; what is kept of them is to be removed.
    mutating func takeKeys(upTo place: HistoryPlace) -> [String] {
        var taken: [String] = []
        while let least = keysByVersion.last, least.version <= place.version {
            keysByVersion.removeLast()
            guard keys[least.key] == least.version else { continue }
            keys[least.key] = nil
            taken.append(least.key)
        }
        return taken
    }

    /// What all keys of a handler's checkpoints begin with.
    static func prefix(_ name: String) -> [UInt8] { Array("trigger/\(name)/".utf8) }

    static func write(_ name: String, _ key: String, _ value: String?) -> CheckpointWrite? {
        CheckpointWrite(key: prefix(name) + Array(key.utf8), value: value.map { Array($0.utf8) })
    }

    static func write(_ place: HistoryPlace, _ name: String) -> CheckpointWrite? {
        CheckpointWrite(key: prefix(name) + Array("at".utf8), value: place.text)
    }

    static func write(_ loss: TriggerLoss, _ name: String) -> CheckpointWrite? {
        CheckpointWrite(key: prefix(name) + Array("lost".utf8), value: loss.text)
    }

    /// Where a handler begins.
    /// - Parameter gapVersionMax: up to where it takes what the history still has.
    static func begin(
        _ name: String, at place: HistoryPlace, gapVersionMax: UInt64, _ loss: TriggerLoss
    ) -> [CheckpointWrite] {
        let gaps = write(name, "gaps", gapVersionMax > 0 ? "\(gapVersionMax)" : nil)
        return [write(place, name), gaps, write(loss, name)].compactMap { $0 }
    }

    /// That an epoch is still the present one.
    static func condition(_ name: String, epoch: UInt64) -> CheckpointChange.Condition {
        CheckpointChange.Condition(
            key: prefix(name) + Array("epoch".utf8), value: epoch == 0 ? nil : Array("\(epoch)".utf8))
    }
}
