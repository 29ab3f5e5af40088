import OrreryHTTP

extension Route {
    /// Every operation, the busiest first; of several that match, the first one counts.
    static let table: [Route] = items + containers + databases + scripts + users

    private static let items: [Route] = [
        Route(.get, .document, .one, .readItem, CosmosService.readItem),
        Route(.post, .document, .feed, when: .queryPlan, .planQuery, CosmosService.planQuery),
        Route(.post, .document, .feed, when: .query, .queryItems, later: CosmosService.queryItems),
        Route(.post, .document, .feed, when: .batch, .batchItems, later: CosmosService.batchItems),
        Route(.post, .document, .feed, when: .upsert, .upsertItem, later: CosmosService.upsertItem),
        Route(.post, .document, .feed, .createItem, later: CosmosService.createItem),
        Route(.put, .document, .one, .replaceItem, later: CosmosService.replaceItem),
        Route(.patch, .document, .one, .patchItem, later: CosmosService.patchItem),
        Route(.delete, .document, .one, .deleteItem, later: CosmosService.deleteItem),
        Route(.get, .document, .feed, when: .changeFeed, .readChangeFeed, later: CosmosService.readChangeFeed),
        Route(.get, .document, .feed, .listItems, CosmosService.listItems),
        Route(.post, .operation, .one, .deletePartitionKey, later: CosmosService.deletePartitionKey),
    ]

    private static let containers: [Route] = [
        Route(.get, .partitionKeyRange, .feed, .listPartitionKeyRanges, CosmosService.listPartitionKeyRanges),
        Route(.get, .container, .one, .readContainer, CosmosService.readContainer),
        Route(.put, .container, .one, .replaceContainer, CosmosService.replaceContainer),
        Route(.delete, .container, .one, .deleteContainer, CosmosService.deleteContainer),
        Route(.get, .container, .feed, .listContainers, later: CosmosService.listContainers),
        Route(.post, .container, .feed, when: .query, .queryContainers, later: CosmosService.listContainers),
        Route(.post, .container, .feed, .createContainer, CosmosService.createContainer),
        Route(.get, .conflict, .feed, .listConflicts, CosmosService.listConflicts),
        Route(.post, .conflict, .feed, when: .query, .queryConflicts, CosmosService.queryConflicts),
        Route(.get, .conflict, .one, .readConflict, CosmosService.findNoConflict),
        Route(.delete, .conflict, .one, .deleteConflict, CosmosService.findNoConflict),
    ]

    private static let databases: [Route] = [
        Route(.get, .account, .one, .readAccount, CosmosService.readAccount),
        Route(.get, .database, .one, .readDatabase, CosmosService.readDatabase),
        Route(.delete, .database, .one, .deleteDatabase, CosmosService.deleteDatabase),
        Route(.get, .database, .feed, .listDatabases, later: CosmosService.listDatabases),
        Route(.post, .database, .feed, when: .query, .queryDatabases, later: CosmosService.listDatabases),
        Route(.post, .database, .feed, .createDatabase, CosmosService.createDatabase),
        Route(.get, .offer, .feed, .listOffers, later: CosmosService.listOffers),
        Route(.post, .offer, .feed, when: .query, .queryOffers, later: CosmosService.listOffers),
        Route(.get, .offer, .one, .readOffer, CosmosService.readOffer),
        Route(.put, .offer, .one, .replaceOffer, later: CosmosService.replaceOffer),
    ]

    private static let scripts: [Route] =
        scripts(.storedProcedure) + scripts(.trigger) + scripts(.userDefinedFunction) + [
            Route(.post, .storedProcedure, .one, .executeStoredProcedure, CosmosService.executeStoredProcedure)
        ]

    private static func scripts(_ kind: LinkKind) -> [Route] {
        [
            Route(.get, kind, .feed, .listScripts, later: CosmosService.listChildren),
            Route(.post, kind, .feed, when: .query, .queryScripts, later: CosmosService.listChildren),
            Route(.post, kind, .feed, .createScript, CosmosService.createChild),
            Route(.get, kind, .one, .readScript, CosmosService.readChild),
            Route(.put, kind, .one, .replaceScript, CosmosService.replaceChild),
            Route(.delete, kind, .one, .deleteScript, CosmosService.deleteChild),
        ]
    }

    private static let users: [Route] = [
        Route(.get, .user, .feed, .listUsers, later: CosmosService.listChildren),
        Route(.post, .user, .feed, when: .query, .queryUsers, later: CosmosService.listChildren),
        Route(.post, .user, .feed, .createUser, CosmosService.createChild),
        Route(.get, .user, .one, .readUser, CosmosService.readChild),
        Route(.put, .user, .one, .replaceUser, CosmosService.replaceChild),
        Route(.delete, .user, .one, .deleteUser, CosmosService.deleteChild),
        Route(.get, .permission, .feed, .listPermissions, later: CosmosService.listChildren),
        Route(.post, .permission, .feed, when: .query, .queryPermissions, later: CosmosService.listChildren),
        Route(.post, .permission, .feed, .createPermission, CosmosService.createChild),
        Route(.get, .permission, .one, .readPermission, CosmosService.readChild),
        Route(.put, .permission, .one, .replacePermission, CosmosService.replaceChild),
        Route(.delete, .permission, .one, .deletePermission, CosmosService.deleteChild),
    ]
}
