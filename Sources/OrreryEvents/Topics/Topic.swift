import OrreryDatabase
import OrreryEngine
import OrreryTelemetry
import OrreryTriggers
import Synchronization

/// One topic at work: it reads its log once, in order, and offers each event to the subscriptions that it matches.
final class Topic: Sendable {
    private struct Routing {
        /// The version up to which events were offered.
        var position: UInt64
        var wait: CommitWait?
        var isStopped = false
        /// How often the log was looked at. Only the last look may wait: one that was woken before it had kept its wait
        /// would put that in the place of its successor's, and nobody would be woken any more.
        var turn: UInt64 = 0
    }

    /// The subscriptions, and what finds those among them that an event is for.
    private struct Members {
        private(set) var byName: [String: Subscription] = [:]
        /// Made when it is first needed after a change.
        private var matcher: SubscriptionMatcher?

        mutating func current() -> SubscriptionMatcher {
            if let matcher { return matcher }
            let made = SubscriptionMatcher(byName.values.sorted { $0.name < $1.name })
            matcher = made
            return made
        }

        /// Puts a subscription in a name's place, or nothing. Answers what was there.
        mutating func replace(_ name: String, with subscription: Subscription?) -> Subscription? {
            matcher = nil
            defer { byName[name] = subscription }
            return byName[name]
        }
    }

    let log: TopicLog
    let host: EventHost
    let counters: TopicCounters
    let progress: TopicProgress
    private let heldDefinition: Mutex<TopicDefinition>
    private let routing: Mutex<Routing>
    private let members = Mutex(Members())

    /// The most events that are read at once.
    private static let pageCountMax = 500

    /// Opens a topic, with what is kept of how far it and its subscriptions are.
    init(_ definition: TopicDefinition, host: EventHost) throws(DatabaseError) {
        heldDefinition = Mutex(definition)
        self.host = host
        log = try TopicLog(definition, account: host.account)
        counters = TopicCounters(topic: definition.name, in: host.metrics)
        progress = try TopicProgress(log, clock: host.clock, diagnostics: host.log)
        let position = progress.routedPosition ?? 0
        routing = Mutex(Routing(position: position))
        progress.topic = { [weak self] in self }
    }

    var definition: TopicDefinition { heldDefinition.withLock { $0 } }
    var name: String { log.topic }
    /// Events that were published before are not kept any more.
    var oldestMilliseconds: Int64 {
        host.clock.nowMilliseconds() - Int64(definition.retentionMinutes) * 60_000
    }

    /// Takes over what was changed of the definition.
    func redefine(_ definition: TopicDefinition) {
        heldDefinition.withLock { $0 = definition }
    }

    // MARK: Subscriptions

    var subscriptions: [Subscription] {
        members.withLock { $0.current().subscriptions }
    }

    func subscription(_ name: String) -> Subscription? {
        members.withLock { $0.byName[name] }
    }

    /// Adds a subscription, or takes the place of the one of its name.
    func add(_ subscription: Subscription) {
        let before = members.withLock { $0.replace(subscription.name, with: subscription) }
        before?.end()
    }

    func removeSubscription(_ name: String) -> Subscription? {
        members.withLock { $0.replace(name, with: nil) }
    }

    // MARK: Routing

    /// The version up to which events were offered to subscriptions.
    var routedPosition: UInt64 { routing.withLock { $0.position } }

    /// Begins to route, and lets subscriptions go on where they were.
    func start() {
        for subscription in subscriptions { subscription.start() }
        host.readers.submit { self.route() }
    }

    func stop() {
        let wait = routing.withLock { routing in
            routing.isStopped = true
            defer { routing.wait = nil }
            return routing.wait
        }
        wait?.cancel()
        for subscription in subscriptions { subscription.end() }
        progress.stop()
    }

    /// Runs `body` while no page is being offered: with the version up to which all were.
    func whileNotRouting<Result: Sendable>(_ body: (UInt64) -> Result) -> Result {
        routing.withLock { body($0.position) }
    }

    /// Reads a page, offers it, and goes on when there is more.
    private func route() {
        let begin = routing.withLock { routing -> (position: UInt64, turn: UInt64)? in
            routing.turn += 1
            return routing.isStopped ? nil : (routing.position, routing.turn)
        }
        guard let (position, turn) = begin else { return }
        do throws(DatabaseError) {
            let page = try log.read(after: position, countMax: Self.pageCountMax)
            // Only while nothing ran can events have ended before they were offered to anybody.
            if turn == 1 {
                for subscription in subscriptions where subscription.isLive {
                    subscription.noteExpired(after: position, page, in: self)
                }
            }
            offer(page)
            if page.isAtEnd {
                let wait = try log.wait(after: page.lsn) { wake in
                    if wake == .committed { self.host.readers.submit { self.route() } }
                }
                routing.withLock { routing in
                    if routing.turn == turn, !routing.isStopped { routing.wait = wait }
                }
            } else {
                host.readers.submit { self.route() }
            }
        } catch {
            host.log.error("events-not-read", [("topic", .text(name)), ("reason", .text("\(error)"))])
            host.clock.schedule(1000) { self.host.readers.submit { self.route() } }
        }
    }

    private func offer(_ page: TopicLog.Page) {
        handOver(match(page), of: page)
        if !page.events.isEmpty { progress.keepSoon() }
    }

    /// The events of a page that are for each of the subscriptions that there are now.
    func match(_ page: TopicLog.Page) -> SubscriptionMatches {
        members.withLock { $0.current() }.matches(page.events)
    }

    /// Gives subscriptions what was found for them. One that was not among them when that was found out has to look
    /// for itself.
    func handOver(_ matches: SubscriptionMatches, of page: TopicLog.Page) {
        let newcomers = routing.withLock { routing in
            for (subscription, events) in matches.found { subscription.offer(events, through: page.position) }
            let present = members.withLock { $0.current() }
            let newcomers = present === matches.matcher ? [] : present.subscriptions(notIn: matches.matcher)
            for subscription in newcomers { subscription.fallBehind() }
            routing.position = max(routing.position, page.position)
            return newcomers
        }
        for (subscription, events) in matches.found {
            counters.matched.add(UInt64(events.count))
            subscription.pump()
        }
        for subscription in newcomers { subscription.pump() }
    }
}
