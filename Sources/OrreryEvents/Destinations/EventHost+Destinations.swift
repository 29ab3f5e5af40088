import OrreryDatabase
import OrreryDocuments
import OrreryTriggers

/// Where deliveries go. Whatever takes them says once what came of it.
extension EventHost {
    typealias Completion = @Sendable (DeliveryResult) -> Void

    func send(_ delivery: Delivery, completion: @escaping Completion) {
        switch delivery.subscription.destination {
        case .webhook(let webhook):
            let request = WebhookMessage.request(
                of: delivery, to: webhook, inputSchema: schema(of: delivery), now: clock.nowMilliseconds())
            webhooks.send(request) {
                completion(WebhookMessage.result(of: $0, nowMilliseconds: self.clock.nowMilliseconds()))
            }
        case .handler(let name): call(name, delivery, completion)
        case .container(let path): write(delivery, to: path, completion)
        case .topic(let name): forward(delivery, to: name, completion)
        case .pull: completion(DeliveryResult(outcome: .unresolved, message: "Its events are asked for."))
        }
    }

    private func schema(of delivery: Delivery) -> EventSchema? {
        (try? topic(delivery.subscription.topic))?.definition.inputSchema
    }

    // MARK: Handlers

    private func call(_ name: String, _ delivery: Delivery, _ completion: @escaping Completion) {
        guard let handler = handler(name) else {
            return completion(DeliveryResult(outcome: .unresolved, message: "There is no handler '\(name)'."))
        }
        let events = delivery.items.map { item in
            DeliveredEvent(
                event: item.event.event, subscription: delivery.subscription.name,
                deliveryCount: item.entry.attempts, traceparent: item.event.traceparent)
        }
        Task(executorPreference: handlers) {
            do {
                try await handler(events)
                completion(DeliveryResult(outcome: .answered(status: 200)))
            } catch {
                completion(DeliveryResult(outcome: .answered(status: 500), message: String("\(error)".prefix(200))))
            }
        }
    }

    // MARK: Containers

    /// Each event becomes an item: CloudEvents' attributes with its id, made safe for ids of items, so that a
    /// repetition takes the place of the first.
    private func write(_ delivery: Delivery, to path: String, _ completion: @escaping Completion) {
        let parts = path.split(separator: "/")
        guard parts.count == 2, let item = delivery.items.first else {
            return completion(DeliveryResult(outcome: .unresolved))
        }
        do throws(DatabaseError) {
            let container = try account.openContainer(
                account.containerID(named: String(parts[1]), in: account.databaseID(named: String(parts[0]))))
            var json = (try? JSONValue(parsing: item.event.event.json)) ?? .object([])
            json["id"] = .string(ContainerItemID.of(item.event.event))
            let operation = try container.preparingCreate(
                Container.document(parsing: json.text), partitionKey: nil, isUpsert: true)
            container.commit([operation]) { result in
                switch result {
                case .success: completion(DeliveryResult(outcome: .answered(status: 200)))
                case .failure(let failure): completion(Self.result(of: failure.error))
                }
            }
        } catch {
            completion(Self.result(of: error))
        }
    }

    private static func result(of error: DatabaseError) -> DeliveryResult {
        let error = EventError(error)
        // What is not there may come; what does not fit never will.
        return DeliveryResult(outcome: .answered(status: error.status), message: error.message)
    }

    // MARK: Topics

    /// How often an event may be handed from topic to topic, lest it go round for ever.
    private static var hopsMax: Int32 { 8 }
    private static var hopsName: String { "orreryhops" }

    private func forward(_ delivery: Delivery, to name: String, _ completion: @escaping Completion) {
        do throws(EventError) {
            let topic = try topic(name)
            publish(try delivery.items.map(Self.forwarded(delivery)), to: topic) { result in
                switch result {
                // A conflict says that an attempt before this one arrived.
                case .success, .failure(EventError(.conflict, DatabaseError.nameTaken)):
                    completion(DeliveryResult(outcome: .answered(status: 200)))
                case .failure(let error):
                    completion(DeliveryResult(outcome: .answered(status: error.status), message: error.message))
                }
            }
        } catch {
            completion(DeliveryResult(outcome: .answered(status: error.status), message: error.message))
        }
    }

    /// An event for the next topic, with an id that is the same for every attempt.
    private static func forwarded(_ delivery: Delivery) -> (Delivery.Item) throws(EventError) -> NewEvent {
        { (item) throws(EventError) in
            var event = item.event.event
            var hops: Int32 = 0
            if case .integer(let number)? = event[extension: hopsName] { hops = number }
            guard hops < hopsMax else {
                throw EventError(.badRequest, "The event went from topic to topic \(hops) times.")
            }
            event[extension: hopsName] = .integer(hops + 1)
            let subscription = delivery.subscription
            return NewEvent(
                documentID: "\(subscription.topic):\(subscription.name):\(item.event.version)", event: event,
                schema: item.event.schema, traceparent: item.event.traceparent)
        }
    }
}

/// Ids of items that hold events.
enum ContainerItemID {
    /// An event's id without what ids of items may not have (`/`, `\`, `?`, `#`), and not too long.
    static func of(_ event: Event) -> String {
        let forbidden: Set<UInt8> = [
            UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "#"),
        ]
        let bytes = event.id.utf8.map { forbidden.contains($0) ? UInt8(ascii: "_") : $0 }
        return String(decoding: bytes.prefix(1000), as: UTF8.self)
    }
}
