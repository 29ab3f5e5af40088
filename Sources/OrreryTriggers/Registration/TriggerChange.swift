internal import OrreryEngine

/// One change, as a handler is given it.
public struct TriggerChange: Sendable {
    public enum Kind: String, Sendable {
        case create, replace, delete
        /// The item's time to live is over.
        case expire
    }

    public let kind: Kind
    /// The item's id.
    public let id: String
    /// The item as it is after the change, JSON text; nil where it is gone.
    public let text: [UInt8]?
    /// The item as it was before; nil for a creation, and where the store no longer has it.
    public let previous: [UInt8]?
    /// The place of the change in its partition's log. A batch's changes share one.
    public let lsn: UInt64
    /// Rises with every change of the partition.
    public let version: UInt64
    /// When it was made, in milliseconds since 1970.
    public let timestampMilliseconds: Int64
    /// The same for every delivery of the change, and for no other change: what a receiver outside the store tells
    /// repetitions by.
    public let idempotencyKey: String
    /// The trace that the write was part of, as the header of the same name says it (W3C Trace Context); nil for none.
    public let traceparent: String?
    /// How often it may have been delivered, this time included: exact as long as the process lives, and one more for
    /// each owner of the lease that may have had it before.
    public internal(set) var deliveryCount = 1

    init(_ change: ItemChange, container: String, under lease: TriggerLease? = nil) {
        if let lease, change.item.lsn <= lease.deliveredLSN { deliveryCount += lease.deliveryCount }
        kind = Kind(change.kind)
        id = String(decoding: change.item.id, as: UTF8.self)
        text = kind == .delete || kind == .expire ? nil : change.item.text
        previous = change.previous?.text
        lsn = change.item.lsn
        version = change.item.version
        timestampMilliseconds = change.item.timestampMilliseconds
        idempotencyKey = "\(container)-\(change.item.etag.text)"
        traceparent = change.item.trace.traceparent
    }

    /// A change as the dead letters kept it.
    init(
        kind: Kind, id: String, text: [UInt8]?, previous: [UInt8]?, lsn: UInt64, version: UInt64,
        timestampMilliseconds: Int64, idempotencyKey: String, traceparent: String? = nil, deliveryCount: Int
    ) {
        self.kind = kind
        self.id = id
        self.text = text
        self.previous = previous
        self.lsn = lsn
        self.version = version
        self.timestampMilliseconds = timestampMilliseconds
        self.idempotencyKey = idempotencyKey
        self.traceparent = traceparent
        self.deliveryCount = deliveryCount
    }
}

extension TriggerChange.Kind {
    init(_ kind: ItemChange.Kind) {
        switch kind {
        case .create: self = .create
        case .replace: self = .replace
        case .delete: self = .delete
        case .expire: self = .expire
        }
    }
}
