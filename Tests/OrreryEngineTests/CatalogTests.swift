import OrreryEngine
import OrreryKeys
import Testing

@Suite struct CatalogTests {
    private func body(_ text: String) -> (ResourceID) -> [UInt8] { { _ in Array(text.utf8) } }

    @Test func aResourceComesBackAfterReopening() throws {
        let scratch = try Scratch()
        var made: [CatalogRecord] = []
        do {
            let catalog = try Catalog(path: scratch.file("catalog.lmdb"))
            let database = try catalog.insert(.database, under: nil, id: "shop", makeBody: body("{}"))
            let container = try catalog.insert(
                .container, under: database.resourceID, id: "orders", makeBody: body("{\"a\":1}"))
            made = [database, container]
        }
        let catalog = try Catalog(path: scratch.file("catalog.lmdb"))
        #expect(catalog.find(.database, under: nil, id: "shop") == made[0])
        #expect(catalog.find(.container, under: made[0].resourceID, id: "orders") == made[1])
        #expect(catalog.list(.container, under: made[0].resourceID) == [made[1]])
    }

    @Test func aNameIsTakenOnceUnderAParentAndComparedByBytes() throws {
        let scratch = try Scratch()
        let catalog = try Catalog(path: scratch.file("catalog.lmdb"))
        let composed = "caf\u{E9}"
        let decomposed = "cafe\u{301}"
        _ = try catalog.insert(.database, under: nil, id: composed, makeBody: body("{}"))
        #expect(throws: CatalogError.conflict) {
            try catalog.insert(.database, under: nil, id: composed, makeBody: body("{}"))
        }
        _ = try catalog.insert(.database, under: nil, id: decomposed, makeBody: body("{}"))
        #expect(catalog.list(.database, under: nil).count == 2)
    }

    @Test func deletingTakesTheWholeSubtreeAndNoIdComesTwice() throws {
        let scratch = try Scratch()
        let catalog = try Catalog(path: scratch.file("catalog.lmdb"))
        let database = try catalog.insert(.database, under: nil, id: "a", makeBody: body("{}"))
        let container = try catalog.insert(.container, under: database.resourceID, id: "c", makeBody: body("{}"))
        _ = try catalog.insertPartition(0, of: container.resourceID, body: [])
        let user = try catalog.insert(.user, under: database.resourceID, id: "u", makeBody: body("{}"))
        _ = try catalog.insert(.permission, under: user.resourceID, id: "p", makeBody: body("{}"))
        let removed = try catalog.delete(.database, database.resourceID)
        #expect(removed.count == 5)
        #expect(catalog.list(.container, under: database.resourceID).isEmpty)
        #expect(throws: CatalogError.notFound) {
            try catalog.insert(.container, under: database.resourceID, id: "c", makeBody: body("{}"))
        }
        let again = try catalog.insert(.database, under: nil, id: "a", makeBody: body("{}"))
        #expect(again.resourceID != database.resourceID)
    }

    /// Nobody finds a container without its partitions, and no crash leaves one.
    @Test func companionsComeWithTheirResource() throws {
        let scratch = try Scratch()
        let path = scratch.file("catalog.lmdb")
        do {
            let catalog = try Catalog(path: path)
            let database = try catalog.insert(.database, under: nil, id: "a", makeBody: body("{}"))
            let container = try catalog.insert(
                .container, under: database.resourceID, id: "c", makeBody: body("{}"),
                with: { record in
                    #expect(catalog.record(.container, record.resourceID) == nil)
                    return [.offer { _ in [1] }, .partition(0, body: [2]), .partition(1, body: [3])]
                })
            #expect(catalog.list(.partition, under: container.resourceID).map(\.body) == [[2], [3]])
        }
        let catalog = try Catalog(path: path)
        let container = try #require(catalog.list(.database, under: nil).first.flatMap {
            catalog.find(.container, under: $0.resourceID, id: "c")
        })
        #expect(catalog.list(.partition, under: container.resourceID).map(\.body) == [[2], [3]])
        #expect(catalog.find(.offer, under: nil, id: container.resourceID.text)?.body == [1])
        let tags = [container.etag] + catalog.list(.partition, under: container.resourceID).map(\.etag)
        #expect(Set(tags).count == 3)
        let removed = try catalog.delete(.container, container.resourceID)
        #expect(removed.map(\.kind) == [.container, .partition, .partition, .offer])
        #expect(catalog.list(.offer, under: nil).isEmpty)
    }

    @Test func replaceChecksTheEntityTag() throws {
        let scratch = try Scratch()
        let catalog = try Catalog(path: scratch.file("catalog.lmdb"))
        let first = try catalog.insert(.database, under: nil, id: "a", makeBody: body("1"))
        let second = try catalog.replace(.database, first.resourceID, body: [50], ifMatch: first.etag)
        #expect(second.etag != first.etag)
        #expect(throws: CatalogError.preconditionFailed) {
            try catalog.replace(.database, first.resourceID, body: [51], ifMatch: first.etag)
        }
        #expect(catalog.record(.database, first.resourceID)?.body == [50])
    }
}
