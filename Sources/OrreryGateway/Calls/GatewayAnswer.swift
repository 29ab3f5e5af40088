import OrreryDocuments
import OrreryHTTP

/// The gateway's own answers: flat errors as API Management gives them, `{"statusCode":401,"message":"…"}`.
enum GatewayAnswer {
    static func error(_ status: Int, _ message: String) -> HTTPResponse {
        let body: JSONValue = ["statusCode": .number(status), "message": .string(message)]
        return HTTPResponse(status: status, contentType: "application/json", body: body.text)
    }

    static let notFound = error(404, "Resource not found")

    static let configurationChanged: HTTPResponse = {
        var answer = error(503, "The API has just been changed.")
        answer.headers.append("Retry-After", 1)
        return answer
    }()

    static let methodNotAllowed = error(405, "The method is not one of this operation's.")

    static let missingKey: HTTPResponse = {
        var answer = error(
            401,
            "Access denied due to missing subscription key. Make sure to include subscription key when making requests "
                + "to an API.")
        answer.headers.append(
            "WWW-Authenticate",
            "AzureApiManagementKey realm=\"api\",name=\"Ocp-Apim-Subscription-Key\",type=\"header\"")
        return answer
    }()

    static let invalidKey = error(
        401,
        "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.")

    static let missingToken = error(401, "JWT not present.")
    static let missingKeys = error(503, "The keys that tokens are checked with cannot be had at the moment.")
    static let invalidToken = error(401, "Invalid JWT.")

    static func rateLimited(retryAfterSeconds: Int) -> HTTPResponse {
        var answer = error(429, "Rate limit is exceeded. Try again in \(retryAfterSeconds) seconds.")
        answer.headers.append("Retry-After", retryAfterSeconds)
        return answer
    }

    static func unitsUsedUp(retryAfterSeconds: Int) -> HTTPResponse {
        var answer = error(429, "The request units are used up. Try again in \(retryAfterSeconds) seconds.")
        answer.headers.append("Retry-After", retryAfterSeconds)
        return answer
    }

    /// - Parameter what: API Management's name for what is used up.
    static func quotaUsedUp(_ what: String, retryAfterSeconds: Int) -> HTTPResponse {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = [retryAfterSeconds / 3600, retryAfterSeconds / 60 % 60, retryAfterSeconds % 60].map(two)
        var answer = error(
            403, "Out of \(what) quota. Quota will be replenished in \(time.joined(separator: ":")).")
        answer.headers.append("Retry-After", retryAfterSeconds)
        return answer
    }

    static let forbiddenAddress = error(403, "Forbidden")
}
