internal import OrreryDocuments

/// Who may say how far a handler is in one partition, and until when, as a checkpoint keeps it.
///
/// What is believed is the epoch, which rises with each owner; this is for those who look, and for those who wait to
/// take over.
struct TriggerLease: Sendable, Equatable {
    /// The owner of what handlers of the process have that has the store open: their leases end with it.
    static let inProcess = "in process"

    let owner: String
    /// When others may take over, in milliseconds since 1970.
    var expiresMilliseconds: Int64
    /// Changes up to here may have been delivered to owners before this one.
    let deliveredLSN: UInt64
    /// Where the owner began.
    var placeLSN: UInt64 = 0
    /// To how many owners before this one, all of whom began there.
    var deliveryCount = 0
    /// The range that it was given for; nil where that was not kept. After a split it stands in the children too, where
    /// it is nobody's.
    var rangeNumber: UInt64?

    var text: String {
        var json: JSONValue = [
            "owner": .string(owner), "expires": .number(JSONNumber(expiresMilliseconds)),
            "delivered": .number(JSONNumber(Int64(clamping: deliveredLSN))),
            "from": .number(JSONNumber(Int64(clamping: placeLSN))), "deliveries": .number(deliveryCount),
        ]
        if let rangeNumber { json["range"] = .number(JSONNumber(Int64(clamping: rangeNumber))) }
        return String(decoding: json.text, as: UTF8.self)
    }
}

extension TriggerLease {
    /// Reads a checkpoint's value; nil where it is none of these.
    init?(text: [UInt8]) {
        guard let json = try? JSONValue(parsing: text), let owner = json["owner"]?.string,
            let expires = json["expires"]?.int64
        else { return nil }
        self.init(
            owner: owner, expiresMilliseconds: expires,
            deliveredLSN: UInt64(clamping: json["delivered"]?.int64 ?? 0),
            placeLSN: UInt64(clamping: json["from"]?.int64 ?? 0),
            deliveryCount: Int(clamping: json["deliveries"]?.int64 ?? 1),
            rangeNumber: json["range"]?.int64.map { UInt64(clamping: $0) })
    }
}
