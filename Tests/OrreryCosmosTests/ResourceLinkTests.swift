import Testing

@testable import OrreryCosmos

@Suite struct ResourceLinkTests {
    private func parse(_ path: String) -> ResourceLink? { ResourceLink(rawPath: Array(path.utf8)) }

    @Test(arguments: [
        ("/", LinkKind.account, false, [String]()),
        ("", .account, false, []),
        ("/dbs", .database, true, []),
        ("/dbs/", .database, true, []),
        ("/dbs/shop", .database, false, ["shop"]),
        ("/dbs/shop/colls/", .container, true, ["shop"]),
        ("/dbs/shop/colls/orders/docs/17/", .document, false, ["shop", "orders", "17"]),
        ("/dbs/shop/users/ada/permissions/read", .permission, false, ["shop", "ada", "read"]),
        ("/dbs/s/colls/c/operations/partitionkeydelete", .operation, false, ["s", "c", "partitionkeydelete"]),
        ("/offers/AwAA/", .offer, false, ["AwAA"]),
        ("/dbs/caf%C3%A9%20+/colls/c", .container, false, ["café +", "c"]),
    ])
    func namesAResource(_ path: String, _ kind: LinkKind, _ isFeed: Bool, _ ids: [String]) throws {
        let link = try #require(parse(path))
        #expect(link.kind == kind)
        #expect(link.isFeed == isFeed)
        #expect((0..<link.idCount).map(link.idText) == ids)
    }

    @Test(arguments: [
        "/databases", "/dbs//colls", "//dbs", "/dbs/shop//", "/docs", "/dbs/shop/docs/1", "/dbs/shop/dbs/shop", "/DBS",
        "/dbs/100%", "/dbs/%zz", "/dbs/%4", "/dbs/%FF", "/dbs/a/colls/b/docs/c/docs/d", "/colls/x",
    ])
    func namesNothing(_ path: String) {
        #expect(parse(path) == nil)
    }

    @Test func refusesAPathThatIsTooLong() {
        #expect(parse("/dbs/" + String(repeating: "a", count: ResourceLink.pathBytesMax)) == nil)
    }

    @Test(arguments: [
        ("/dbs/shop/colls/orders/docs/17", "dbs/shop/colls/orders/docs/17"),
        ("/dbs/shop/colls/orders/docs/", "dbs/shop/colls/orders"),
        ("/dbs", ""),
        ("/", ""),
    ])
    func signsTheResourceOrTheParentOfAFeed(_ path: String, _ signed: String) throws {
        #expect(String(decoding: try #require(parse(path)).signedPath, as: UTF8.self) == signed)
    }

    @Test func tellsResourceIDsFromNames() throws {
        #expect(parse("/dbs/AQAAAA==/colls/AQAAAIAAAAI=")?.mayBeResourceIDs == true)
        #expect(parse("/dbs/shop/colls/orders")?.mayBeResourceIDs == false)
        #expect(parse("/dbs/database/colls/orders")?.mayBeResourceIDs == false)
    }
}
