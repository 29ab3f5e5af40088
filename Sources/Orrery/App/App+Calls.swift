internal import OrreryCosmos
internal import OrreryDatabase
internal import OrreryGateway
internal import OrreryHTTP
internal import OrreryTelemetry
internal import OrreryTriggers
internal import Synchronization

extension App {
    /// Has a function called for calls of the gateway's APIs whose operations name it as their backend:
    /// `{"backend":{"handler":"quote"}}`. The gateway has found out who calls, and held the caller to its limits,
    /// before the function is called.
    ///
    /// ```swift
    /// app.onCall("quote") { request, context in
    ///     try Response.json(["lane": request["lane"] ?? "", "for": request.tenant ?? ""])
    /// }
    /// ```
    /// - Parameters:
    ///   - name: what the configuration of the gateway calls it.
    ///   - handler: the function.
    public func onCall(
        _ name: String, _ handler: @escaping @Sendable (Request, HandlerContext) async throws -> Response
    ) {
        registration.withLock { registration in
            if registration.calls.updateValue(handler, forKey: name) != nil {
                registration.failure = registration.failure ?? .invalid("Two functions are called '\(name)'.")
            }
        }
    }

    /// The gateway of an app that is being started.
    func gateway(
        _ calls: [String: RequestRoute.Handler], _ store: Store, _ host: TriggerHost, _ service: CosmosService
    ) throws(StoreError) -> GatewayHost {
        try StoreError.translating { () throws(DatabaseError) in
            try GatewayHost(account: store.account, service: service, metrics: metrics, log: log) {
                [weak self] name, call, responder in
                guard let self, let handler = calls[name] else { return false }
                let request = Request(call.outgoing, parameters: call.fields, tenant: call.tenant)
                let context = HandlerContext(name: name, store: store, app: self, trigger: nil)
                let task = run(handler, named: name, request, context, on: host, responder)
                call.whenGivenUp { task.cancel() }
                return true
            }
        }
    }

    /// Calls a request handler and answers with what it says. One that is cancelled meanwhile changes nothing more
    /// through its outputs.
    @discardableResult
    func run(
        _ handler: @escaping RequestRoute.Handler, named name: String, _ request: Request,
        inputs: [any InputBinding] = [], _ context: HandlerContext, on host: TriggerHost, _ responder: HTTPResponder
    ) -> Task<Void, Never> {
        let log = log
        return host.run {
            do {
                var request = request
                if !inputs.isEmpty {
                    request.inputs = try await InputContents.read(inputs, for: request.bindingData, in: context.store)
                }
                let answer = try await handler(request, context)
                try Task.checkCancellation()
                try await context.commitOutputs()
                var response = HTTPResponse(status: answer.status, body: answer.body)
                for header in answer.headers { response.headers.append(dynamicName: header.name, header.value) }
                responder.respond(response)
            } catch {
                log.error("handler-failed", [("name", .text(name)), ("error", .text("\(error)"))])
                responder.respond(HTTPResponse(status: 500))
            }
        }
    }
}
