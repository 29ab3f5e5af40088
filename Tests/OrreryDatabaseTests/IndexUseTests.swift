import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryQuery
import Testing

@Suite struct IndexUseTests {
    @Test func pathsOfTheFilterAreUsedWhereThePolicyHasThem() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("uses-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let account = try Account(directory: path)
        defer { account.close() }
        let database = try account.createDatabase(
            DatabaseDefinition(JSONValue(parsing: Array(#"{"id":"db"}"#.utf8))), throughput: nil)
        let text = """
            {"id":"c","partitionKey":{"paths":["/pk"],"version":2},"indexingPolicy":
             {"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/hidden/*"}]}}
            """
        let resource = try account.createContainer(
            ContainerDefinition(JSONValue(parsing: Array(text.utf8))), in: database.resourceID, throughput: nil)
        let container = try account.openContainer(resource.resourceID)
        let uses = container.indexUses(
            of: try Query("SELECT * FROM c WHERE c.a.b = 'x' AND c.hidden.n > 5 AND LOWER(c.s) = 'y'"))
        #expect(
            uses == [
                IndexUse(filter: "(ROOT.a.b = \"x\")", path: "/a/b/?", isUtilized: true, isPrecise: true),
                IndexUse(filter: "(ROOT.hidden.n > 5)", path: "/hidden/n/?", isUtilized: false, isPrecise: true),
            ])
        #expect(container.indexUses(of: try Query("SELECT * FROM c WHERE CONTAINS(c.s, 'y')")) == [])
    }
}
