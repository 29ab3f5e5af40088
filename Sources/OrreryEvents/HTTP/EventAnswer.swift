import OrreryDocuments
import OrreryHTTP

/// Answers in the service's form.
enum EventAnswer {
    static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "application/json; charset=utf-8", body: value.text)
    }

    static func error(_ error: EventError) -> HTTPResponse {
        HTTPResponse(status: error.status, contentType: "application/json; charset=utf-8", body: error.body)
    }

    /// Success without anything to say.
    static let empty = HTTPResponse(status: 200, contentType: "application/json; charset=utf-8", body: [])
}
