import Orrery

/// The front door of a freight exchange: one API over the container of loads, offered as three products.
enum FreightGateway {
    /// - Parameter tokenSecret: a reference to the secret that the house's tokens are signed with, such as
    ///   `env:FREIGHT_SECRET`; without one nobody calls with a token.
    static func configure(_ app: App, tokenSecret: String?) {
        app.configureGateway(#"{"apis":[\#(loads)],"products":[\#(carrier),\#(shipper)]}"#)
        if let tokenSecret { app.configureGateway(#"{"products":[\#(house(tokenSecret))]}"#) }
    }

    /// Loads as a resource, partitioned by `/lane`, and a function of the program beside them.
    private static let loads = #"""
        {"id": "loads", "path": "/loads", "displayName": "Loads",
         "description": "Goods that are to go along a lane.",
         "resource": {
           "container": "freight/loads", "partitionKey": ["{request.querystring.lane}"],
           "filters": ["status", "shipper"], "acrossPartitions": true,
           "schema": {
             "type": "object", "required": ["id", "lane", "shipper", "kilograms"],
             "properties": {
               "id": {"type": "string", "minLength": 1, "maxLength": 100},
               "lane": {"type": "string", "minLength": 1, "maxLength": 100},
               "shipper": {"type": "string", "minLength": 1, "maxLength": 100},
               "kilograms": {"type": "number", "minimum": 0, "maximum": 40000},
               "status": {"enum": ["open", "taken", "delivered"]}}}},
         "operations": [
           {"id": "quote", "method": "GET", "path": "/quotes/{lane}", "summary": "What a lane costs",
            "backend": {"handler": "quote"}}]}
        """#

    /// Carriers look for loads all day, and take them.
    private static let carrier = #"""
        {"id": "carrier", "displayName": "Carrier", "apis": ["loads"], "policies": [
          {"policy": "rate-limit", "calls": 200, "seconds": 1},
          {"policy": "quota", "calls": 2000000, "seconds": 86400}]}
        """#

    /// Shippers post loads, and ask what became of them.
    private static let shipper = #"""
        {"id": "shipper", "displayName": "Shipper", "apis": ["loads"], "policies": [
          {"policy": "rate-limit", "calls": 50, "seconds": 1}]}
        """#

    /// People of the house need no key, but a token.
    private static func house(_ tokenSecret: String) -> String {
        #"""
        {"id": "internal", "displayName": "Internal", "apis": ["loads"], "requiresSubscription": false, "policies": [
          {"policy": "validate-jwt", "secrets": [{"secret": "\#(tokenSecret)"}], "audiences": ["freight"],
           "tenantClaim": "sub"}]}
        """#
    }
}
