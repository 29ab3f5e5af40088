import OrreryDocuments
import OrreryHTTP

/// `mock-response`: answers itself, before there is anything behind the API.
struct MockResponse: Sendable {
    let response: HTTPResponse

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        let status = try reader.integer("status", in: 200...599) ?? 200
        let contentType = try reader.text("contentType") ?? "application/json"
        let body = reader.value("body")
        var response = HTTPResponse(status: status, body: body?.string.map { Array($0.utf8) } ?? body?.text ?? [])
        response.headers.append("Content-Type", contentType)
        self.response = response
    }
}
