import OrreryDocuments
import OrreryHTTP
import OrreryTelemetry

/// A call as the policies left it. A class, for whatever waits for its answer keeps it.
private final class PassedCall: Sendable {
    let call: GatewayCall

    init(_ call: consuming GatewayCall) {
        self.call = call
    }
}

/// One call on its way: policy after policy, then the backend, then out again. It holds no thread while it waits.
struct GatewayRun: Sendable {
    private let policies: [Policy]
    private let started: UInt64
    private let isPreflight: Bool
    private let gateway: Gateway
    private let cache: GatewayCache
    private let responder: HTTPResponder

    /// - Parameter cache: of the configuration that the policies are of.
    init(
        _ policies: [Policy], started: UInt64, isPreflight: Bool, _ gateway: Gateway, _ cache: GatewayCache,
        _ responder: HTTPResponder
    ) {
        (self.policies, self.started, self.isPreflight) = (policies, started, isPreflight)
        (self.gateway, self.cache, self.responder) = (gateway, cache, responder)
    }

    /// Applies the policies from one on, and then has the call answered.
    func goOn(_ call: consuming GatewayCall, from start: Int) {
        let services = PolicyServices(
            gateway: gateway, cache: cache, nowSeconds: gateway.services.nowSeconds(),
            nowNanoseconds: gateway.services.nowNanoseconds())
        for index in start..<policies.count {
            switch policies[index].apply(to: &call, services) {
            case .goOn: continue
            case .again:
                goOn(call, from: index)
                return
            case .goOnUntil(let ending): call.endings.append(ending)
            case .answer(let answer):
                respond(answer, to: call)
                return
            case .wait(let wait):
                let waiting = consume call
                wait { goOn(waiting, from: index + 1, after: $0) }
                return
            }
        }
        if isPreflight {
            respond(GatewayAnswer.error(403, "The API allows no other origins."), to: call)
        } else {
            answer(call)
        }
    }

    /// Goes on with a call that has waited.
    private func goOn(_ call: consuming GatewayCall, from start: Int, after outcome: PolicyOutcome) {
        switch outcome {
        case .goOn: goOn(call, from: start)
        case .again: goOn(call, from: start - 1)
        case .goOnUntil(let ending):
            call.endings.append(ending)
            goOn(call, from: start)
        case .answer(let answer): respond(answer, to: call)
        case .wait(let wait):
            let waiting = consume call
            wait { goOn(waiting, from: start, after: $0) }
        }
    }

    private func answer(_ call: consuming GatewayCall) {
        if let fault = call.operation.fault(in: call) {
            respond(GatewayAnswer.error(400, fault), to: call)
            return
        }
        // Whoever answers has no business with the caller's key.
        call.headers.apply(FieldChange(name: call.api.keyHeader, action: .delete, value: ""))
        call.query.apply(FieldChange(name: call.api.keyQuery, action: .delete, value: ""))
        let cancellation = call.timeLimitMilliseconds.map { _ in CallCancellation() }
        call.cancellation = cancellation
        let passed = PassedCall(call)
        if let kept = passed.call.keptAnswer {
            respond(CacheLookup.conditional(Self.changed(kept, for: passed.call), passed.call), to: passed.call)
            return
        }
        let backend = BackendResponder(cancellation) { answer in
            switch answer {
            case .own(let answer): respond(answer, to: passed.call)
            case .backend(let answer):
                // As it was given: what is made of it may be of this caller alone.
                if let ticket = passed.call.cacheTicket, let seconds = passed.call.cacheSeconds {
                    cache.keep(answer, ticket, seconds: seconds, at: gateway.services.nowNanoseconds())
                }
                respond(Self.changed(answer, for: passed.call), to: passed.call)
            }
        }
        if let limit = passed.call.timeLimitMilliseconds { gateway.deadlines.limit(backend, milliseconds: limit) }
        switch passed.call.operation.backend {
        case .none where passed.call.operation.answer != nil: backend.respond(HTTPResponse(status: 200))
        case .none: backend.refuse(GatewayAnswer.error(501, "Nothing answers this operation yet."))
        case .handler(let name):
            if !gateway.services.handler(name, passed.call, backend.responder) {
                backend.refuse(GatewayAnswer.error(501, "Nothing answers this operation yet."))
            }
        case .container(let container): container.answer(passed.call, gateway.services.database, backend)
        case .proxy(let proxy):
            guard let request = proxy.request(for: passed.call) else {
                backend.refuse(GatewayAnswer.error(400, "The path leads upwards."))
                return
            }
            let isKept = passed.call.cacheTicket != nil && passed.call.cacheSeconds != nil
            let exchange = ProxyExchange(proxy, request, gateway, keepsAnswer: isKept, backend)
            passed.call.whenGivenUp { [weak exchange] in exchange?.cancel() }
            exchange.begin()
        }
    }

    /// What the operation makes of an answer.
    private static func changed(_ answer: HTTPResponse, for call: GatewayCall) -> HTTPResponse {
        call.operation.answer?.answer(answer, to: call) ?? answer
    }

    private func respond(_ answer: HTTPResponse, to call: GatewayCall) {
        var answer = answer
        for change in call.answerHeaders { answer.headers.apply(change) }
        let nanoseconds = gateway.services.nowNanoseconds() &- started
        gateway.metrics.record(answer.status, nanoseconds: nanoseconds)
        log(answer.status, nanoseconds, call)
        let status = answer.status
        if let stream = answer.stream, !call.endings.isEmpty {
            stream.whenEnded { byteCount in
                for ending in call.endings { ending(CallOutcome(status: status, bodyBytes: byteCount)) }
            }
        } else {
            let outcome = CallOutcome(status: status, bodyBytes: answer.body.count)
            for ending in call.endings { ending(outcome) }
        }
        responder.respond(answer)
    }

    private func log(_ status: Int, _ nanoseconds: UInt64, _ call: GatewayCall) {
        guard call.logsCall || (status >= 500 && !call.correlationID.isEmpty) else { return }
        gateway.services.log.info("gateway-call", [
            ("correlation", .text(call.correlationID)), ("api", .text(call.api.id)),
            ("operation", .text(call.operation.id)), ("status", .integer(Int64(status))),
            ("milliseconds", .double(Double(nanoseconds / 1000) / 1000)), ("tenant", .text(call.tenant)),
        ])
    }
}
