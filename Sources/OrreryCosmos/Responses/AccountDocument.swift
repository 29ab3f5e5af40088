import OrreryDocuments

/// The document that `GET /` answers: where the account can be reached and what its query engine can do.
///
/// SDKs send all later traffic to the endpoint named here, so it repeats the scheme, host and port that the client
/// itself used (wire specification, section 6).
struct AccountDocument {
    /// Where the client should send its requests, with a slash at the end.
    let endpoint: String
    /// The account's name, for people.
    let name: String

    /// The one region this account has.
    static let region = "South Central US"

    /// What the SDKs' query pipelines may ask for; a JSON text that stands as a string in the document.
    /// `clientDisableOptimisticDirectExecution` makes the .NET SDK ask for a query plan, as the others always do.
    static let queryEngineConfiguration = """
        {"maxSqlQueryInputLength":262144,"maxJoinsPerSqlQuery":10,"maxLogicalAndPerSqlQuery":2000,\
        "maxLogicalOrPerSqlQuery":2000,"maxUdfRefPerSqlQuery":10,"maxInExpressionItemsCount":16000,\
        "queryMaxGroupByTableCellCount":500000,"queryMaxInMemorySortDocumentCount":500,\
        "maxQueryRequestTimeoutFraction":0.9,"sqlAllowNonFiniteNumbers":false,"sqlAllowAggregateFunctions":true,\
        "sqlAllowSubQuery":true,"sqlAllowScalarSubQuery":true,"allowNewKeywords":true,"sqlAllowLike":true,\
        "sqlAllowGroupByClause":true,"sqlAllowTop":true,"maxSpatialQueryCells":12,"spatialMaxGeometryPointCount":256,\
        "sqlDisableQueryILOptimization":false,"sqlDisableFilterPlanOptimization":false,\
        "clientDisableOptimisticDirectExecution":true,"enableSpatialIndexing":true}
        """

    /// The document itself.
    var json: JSONValue {
        let location: JSONValue = ["name": .string(Self.region), "databaseAccountEndpoint": .string(endpoint)]
        return [
            "_self": "",
            "id": .string(name),
            "_rid": .string(name),
            "media": "//media/",
            "addresses": "//addresses/",
            "_dbs": "//dbs/",
            "writableLocations": [location],
            "readableLocations": [location],
            "enableMultipleWriteLocations": false,
            "continuousBackupEnabled": false,
            "enableNRegionSynchronousCommit": false,
            "enablePerPartitionFailoverBehavior": false,
            "userReplicationPolicy": [
                "asyncReplication": false, "minReplicaSetSize": 1, "maxReplicasetSize": 1,
            ],
            "userConsistencyPolicy": ["defaultConsistencyLevel": "Session"],
            "systemReplicationPolicy": ["minReplicaSetSize": 1, "maxReplicasetSize": 1],
            "readPolicy": ["primaryReadCoefficient": 1, "secondaryReadCoefficient": 1],
            "queryEngineConfiguration": .string(Self.queryEngineConfiguration),
        ]
    }
}
