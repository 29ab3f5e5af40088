import OrreryDatabase
import OrreryDocuments
import OrreryTelemetry

/// What an endpoint has said of its events for good, kept beside the subscription's definition so that it holds after
/// a restart too.
enum EndpointStanding: Sendable, Equatable {
    /// It has said nothing yet.
    case unasked
    /// It wants them.
    case agreed
    /// It answered that it is gone (410): it is sent nothing more until its subscription is written anew.
    case gone(sinceMilliseconds: Int64)

    /// Reads what is kept of a subscription.
    init(kept json: JSONValue) {
        if let text = json["goneSince"]?.string {
            self = .gone(sinceMilliseconds: (EventTime(text, assumesUTC: true)?.microseconds ?? 0) / 1000)
        } else {
            self = json["isAgreed"]?.boolean == true ? .agreed : .unasked
        }
    }

    /// Writes it into what is kept of a subscription.
    func write(to json: inout JSONValue) {
        json["isAgreed"] = .boolean(self == .agreed)
        if case .gone(let milliseconds) = self {
            json["goneSince"] = .string(EventTime(microseconds: milliseconds * 1000).text)
        } else {
            json["goneSince"] = nil
        }
    }
}

extension EventHost {
    /// Keeps what the endpoint of a subscription said, unless the subscription was written anew meanwhile.
    func keepStanding(_ standing: EndpointStanding, of subscription: Subscription) {
        Task(executorPreference: handlers) {
            do throws(DatabaseError) {
                try await self.catalog.keep(standing, of: subscription.definition)
            } catch {
                self.log.error("endpoint-standing-not-kept", [
                    ("subscription", .text(subscription.definition.id)), ("reason", .text("\(error)")),
                ])
            }
        }
    }
}
