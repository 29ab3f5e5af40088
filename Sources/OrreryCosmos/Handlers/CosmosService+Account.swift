import OrreryDatabase
import OrreryDocuments
import OrreryHTTP

extension CosmosService {
    /// `GET /`: the account document.
    func readAccount(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let document = AccountDocument(endpoint: endpoint(for: request), name: "orrery")
        return CosmosResponse.json(200, document.json.text, to: request, charge: .zero)
    }

    /// Where the client of a request should send the next ones: where it sent this one, unless the operator says
    /// otherwise.
    private func endpoint(for request: CosmosRequest) -> String {
        if let advertised = configuration.advertisedEndpoint {
            return advertised.hasSuffix("/") ? advertised : advertised + "/"
        }
        return "\(request.http.isTLS ? "https" : "http")://\(request.http.host ?? "localhost")/"
    }
}
