import OrreryKeys
import Testing

@Suite struct ResourceIDTests {
    @Test func textComesBack() throws {
        let database = ResourceID.database(7)
        let container = database.container(300)
        let item = container.child(.item, 0x0000_0100_0000_0001)
        for resource in [ResourceID.offer(5), database, container, item] {
            #expect(ResourceID(text: resource.text) == resource)
        }
        #expect(database.text.count == 8)
        #expect(item.text.count == 24)
    }

    @Test func parentsArePrefixes() throws {
        let database = ResourceID.database(7)
        let container = database.container(3)
        let procedure = container.child(.storedProcedure, 9)
        #expect(procedure.container == container)
        #expect(procedure.database == database)
        #expect(procedure.childKind == .storedProcedure)
        #expect(procedure.childNumber == 9)
        #expect(container.isContainer)
        #expect(!database.user(3).isContainer)
    }

    /// The documentation's sample: DOCUMENTID of this item is 13.
    @Test func sampleNumber() throws {
        let sample = try #require(ResourceID(text: "36ZyAPW+uN8NAAAAAAAAAA=="))
        #expect(sample.childNumber == 13)
        #expect(sample.childKind == .item)
        #expect(sample.container?.isContainer == true)
    }

    @Test(arguments: ["", "A", "====", "AAAA====", "AQAAAB==", "AQAAAA=", "AQAAAA/=", "AQ AAA==", "é+AAAA=="])
    func badTextIsRefused(_ text: String) {
        #expect(ResourceID(text: text) == nil)
    }
}
