internal import OrreryDatabase

/// A failure as the service reports it: a status, a substatus that tells SDKs what to do, a code and a message.
struct CosmosError: Error, Equatable {
    let status: Int
    /// Sent as `x-ms-substatus`; SDKs choose their retries by it.
    let substatus: Int
    let message: String
    /// Sent as `x-ms-retry-after-ms` where waiting helps.
    var retryAfterMilliseconds: Int?

    init(status: Int, substatus: Int = 0, _ message: String, retryAfterMilliseconds: Int? = nil) {
        self.status = status
        self.substatus = substatus
        self.message = message
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// The service's word for the status, which stands in the error's body.
    var code: StaticString {
        switch status {
        case 400: "BadRequest"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "NotFound"
        case 405: "MethodNotAllowed"
        case 408: "RequestTimeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "PreconditionFailed"
        case 413: "RequestEntityTooLarge"
        case 429: "TooManyRequests"
        case 431: "RequestHeaderFieldsTooLarge"
        case 449: "RetryWith"
        case 501: "NotImplemented"
        case 503: "ServiceUnavailable"
        default: "InternalServerError"
        }
    }
}

extension CosmosError {
    static func badRequest(_ message: String, substatus: Int = 0) -> CosmosError {
        CosmosError(status: 400, substatus: substatus, message)
    }

    static let notFound = CosmosError(
        status: 404, "Resource Not Found. Learn more: https://aka.ms/cosmosdb-tsg-not-found")

    /// 1003 says that not the resource itself is missing but what it would stand under.
    static let ownerNotFound = CosmosError(status: 404, substatus: 1003, "Owner resource does not exist")

    /// What is wrong with a path that names nothing. Clients in direct mode ask for addresses first, and are told what
    /// to change.
    static func unreadableLink(_ path: ArraySlice<UInt8>) -> CosmosError {
        let isDirectMode = path.drop { $0 == UInt8(ascii: "/") }.starts(with: "addresses".utf8)
        return CosmosError(
            status: 400,
            isDirectMode
                ? "Direct mode is not supported: set the client's connection mode to Gateway."
                : "The request URI is not a link to a resource: check its keywords, nesting and percent-encoding.")
    }

    static let methodNotAllowed = CosmosError(
        status: 405, "The requested verb is not supported for this resource.")

    static let unreadableBody = CosmosError(
        status: 400, "The request payload is invalid. Ensure to provide a valid request payload.")

    static let bodyTooLarge = CosmosError(status: 413, "Request size is too large")

    static let invalidInput = CosmosError(
        status: 400, "One of the specified inputs is invalid")

    /// 1024 makes an SDK read the container again, for it was deleted and created anew under the same name.
    static let containerRecreated = CosmosError(
        status: 400, substatus: 1024,
        "The container's resource id is not the one the request was meant for: it was deleted and created again.")

    static let missingAuthorization = CosmosError(
        status: 401,
        "Required Header authorization is missing. Ensure a valid Authorization token is passed.")

    static let unreadableAuthorization = CosmosError(
        status: 401,
        "Authorization header doesn't confirm to the required format. Please verify and try again.")

    static let unauthorized = CosmosError(
        status: 401,
        "The input authorization token can't serve the request. Please check that the expected payload is built as "
            + "per the protocol, and check the key being used.")

    /// The service's answer to a write with a read-only key begins the same.
    static let readOnlyKey = CosmosError(
        status: 401,
        "The MAC signature found in the HTTP request is not the same as the computed signature: a read-only key cannot "
            + "authorize this request. Use a key that may write.")

    static let keysDisabled = CosmosError(
        status: 401, substatus: 5202,
        "Local Authorization is disabled. Use an AAD token to authorize all requests.")

    /// The account has no room for another database or container.
    static func tooManyResources(_ countMax: Int) -> CosmosError {
        CosmosError(
            status: 403,
            "The account has \(countMax) databases and containers, which is the most it can have: delete one first.")
    }

    static let systemDatabaseIsReadOnly = CosmosError(
        status: 403, "The database '\(Account.systemDatabaseName)' is the server's own: it can be read only.")

    static let expiredAuthorization = CosmosError(
        status: 401,
        "The authorization token is not valid at the current time. Please create another token and retry.")

    static let expiredResourceToken = CosmosError(
        status: 403,
        "The authorization token is not valid at the current time. Please create another token and retry.")

    static let insufficientPermission = CosmosError(
        status: 403,
        "Insufficient permissions provided in the authorization header for the corresponding request. Please retry "
            + "with another authorization header.")

    /// 1004 makes an SDK ask for the query's plan and merge the ranges' rows itself.
    static let needsClientMerge = CosmosError(
        status: 400, substatus: 1004,
        "The rows of this query have to be merged from several partition-key ranges: ask for its query plan.")

    static let crossPartitionDisabled = CosmosError(
        status: 400,
        "Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition to "
            + "true, specify x-ms-documentdb-partitionkey, or revise your query to avoid this exception.")
}
