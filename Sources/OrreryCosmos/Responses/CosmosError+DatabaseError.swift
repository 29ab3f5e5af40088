import OrreryDatabase
import OrreryQuery

extension CosmosError {
    /// The one table between what the database reports and what goes over the wire (wire specification, sections 9 to
    /// 13).
    init(_ error: DatabaseError) {
        switch error {
        case .invalid(let message):
            self.init(status: 400, message)
        case .badQuery(let error):
            self.init(status: 400, "Message: \(error.errorsJSON)")
        case .partitionKeyMismatch:
            self.init(
                status: 400, substatus: 1001,
                "Partition key provided either doesn't correspond to definition in the collection or doesn't match "
                    + "partition key field values specified in the document.")
        case .tooLarge(let message):
            self.init(status: 413, message)
        case .notFound:
            self = .notFound
        case .conflict(let message):
            self.init(status: 409, message)
        case .partitionKeyFull:
            self.init(status: 403, substatus: 1014, "Partition key reached maximum size of 20 GB.")
        case .preconditionFailed:
            self.init(status: 412, "One of the specified pre-condition is not met. Learn more: "
                + "https://aka.ms/CosmosDB/sql/errors/precondition-failed")
        case .checkpointMoved:
            self.init(status: 412, "The lease that the request was made under has moved on.")
        case .containerRecreated:
            self = .containerRecreated
        case .rangeGone:
            self.init(status: 410, substatus: 1002, "The requested resource is no longer available at the server: "
                + "its partition-key range was split.")
        case .historyGone:
            self.init(
                status: 410, "The change feed's position is past the container's retention, and changes from there on "
                    + "are no longer available. Begin from now, or from a position within the retention.")
        case .sessionNotAvailable:
            self.init(status: 404, substatus: 1002, "The read session is not available for the input session token.")
        case .throttled(let milliseconds):
            self.init(
                status: 429, substatus: 3200,
                "Request rate is large. More Request Units may be needed, so no changes were made. Please retry this "
                    + "request later.", retryAfterMilliseconds: milliseconds)
        case .unavailable(let message):
            self.init(status: 503, message)
        case .forbidden(let message):
            self.init(status: 403, message)
        case .unsupported(let message):
            self.init(status: 400, message)
        }
    }
}
