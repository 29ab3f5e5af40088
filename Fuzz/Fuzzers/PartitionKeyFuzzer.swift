import OrreryDocuments
import OrreryKeys

extension Fuzzer {
    /// The partition key header: what is read can be printed and reads back the same; paths and effective keys are
    /// made of whatever comes.
    public static let partitionKey = Fuzzer(name: "partition-key") { input in
        let text = String(decoding: input, as: UTF8.self)
        _ = EffectivePartitionKey(hex: text).map { EffectiveKeyRange(min: .min, max: $0).slices(3, version: 1) }
        _ = EffectivePartitionKey(hex: text).map { EffectiveKeyRange(min: $0, max: .max).slices(3, version: 2) }
        if let definition = try? PartitionKeyDefinition(paths: [text]), definition.segments.first?.isEmpty != false {
            return "a path without names"
        }
        guard let key = try? PartitionKey(headerText: input) else { return nil }
        guard let again = try? PartitionKey(headerText: key.headerText) else { return "its own header is refused" }
        guard again == key, again.canonicalBytes == key.canonicalBytes else { return "it reads back different" }
        guard key.headerText.utf8.allSatisfy({ $0 < 0x80 }) else { return "its header is not ASCII" }
        for version in [1, 2] {
            guard let definition = try? PartitionKeyDefinition(paths: ["/a"], version: version) else {
                return "refused"
            }
            let effective = definition.effectiveKey(of: key)
            guard EffectiveKeyRange.all.contains(effective) else { return "its effective key is out of range" }
            guard EffectivePartitionKey(hex: effective.hex) == effective else {
                return "its digits read back different"
            }
        }
        return nil
    }
}
