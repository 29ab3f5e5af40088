internal import OrreryDocuments
internal import OrreryGateway
internal import OrreryHTTP

/// APIs that are made of documents in other forms. What comes of them is an ordinary document of the configuration.
///
/// `PUT /_orrery/gateway/apis/{id}/openapi?path=/pets&backend=https://pets.example.org/v1` takes an OpenAPI document;
/// `path` is the API's id where it is not said, and `backend` the document's first server.
/// `PUT /_orrery/gateway/apis/{id}/proxies?path=/` takes a `proxies.json`; `requiresSubscription=true` asks for keys.
extension GatewayRoutes {
    func importAPI(_ request: HTTPRequest, _ id: String, from form: String, _ responder: HTTPResponder) {
        let fields = request.queryFields
        let path = fields["path"] ?? "/" + id
        do throws(ConfigurationError) {
            switch form {
            case "openapi":
                var description = try OpenAPIImport(request.body)
                let document = try description.api(id: id, path: path, backend: fields["backend"])
                let warnings = JSONValue.array(description.warnings.map { .string($0) })
                put(document, request, .api, id, saying: [JSONMember("warnings", warnings)], responder)
            case "proxies":
                var proxies = try ProxiesFile(request.body)
                let document = try proxies.api(
                    id: id, path: fields["path"] ?? "/", requiresSubscription: fields["requiresSubscription"] == "true")
                let warnings = JSONValue.array(proxies.warnings.map { .string($0) })
                put(document, request, .api, id, saying: [JSONMember("warnings", warnings)], responder)
            default: responder.respond(Self.error(404, "There is no such page."))
            }
        } catch {
            responder.respond(Self.error(400, error.description))
        }
    }
}
