import OrreryDocuments
import Testing

@testable import OrreryGateway

@Suite struct OpenAPITests {
    @Test func whatIsServedIsDescribed() throws {
        let gateway = try TestGateway([
            #"""
            {"kind":"api","id":"loads","path":"/loads","version":{"scheme":"path","value":"v1"},"resource":{
              "container":"shop/loads","partitionKey":["{request.querystring.lane}"],"filters":["status"],
              "schema":{"type":"object","required":["lane"]}},
             "operations":[{"id":"quote","method":"GET","path":"/quotes/{lane}","summary":"What a lane costs",
               "backend":{"handler":"quote"}}]}
            """#
        ])
        let description = gateway.gateway.openAPI(server: "https://api.example")
        #expect(description["openapi"]?.string == "3.1.0")
        #expect(description["servers"]?[0]?["url"]?.string == "https://api.example")
        let paths = try #require(description["paths"])
        #expect(paths.members?.map(\.name).sorted() == ["/loads/v1", "/loads/v1/quotes/{lane}", "/loads/v1/{id}"])
        #expect(paths["/loads/v1"]?.members?.map(\.name).sorted() == ["get", "post"])
        #expect(paths["/loads/v1/{id}"]?.members?.map(\.name).sorted() == ["delete", "get", "put"])
        let list = try #require(paths["/loads/v1"]?["get"])
        #expect(list["operationId"]?.string == "loads-list")
        #expect(list["parameters"]?.array?.compactMap { $0["name"]?.string } == [
            "lane", "limit", "continuation", "status",
        ])
        #expect(list["parameters"]?[0]?["required"]?.boolean == true)
        let post = paths["/loads/v1"]?["post"]
        let schema = post?["requestBody"]?["content"]?["application/json"]?["schema"]
        #expect(schema?.description == #"{"type":"object","required":["lane"]}"#)
        #expect(post?["responses"]?.members?.map(\.name) == ["201", "default"])
        let quote = try #require(paths["/loads/v1/quotes/{lane}"]?["get"])
        #expect(quote["summary"]?.string == "What a lane costs")
        #expect(quote["parameters"]?[0]?["in"]?.string == "path")
        #expect(quote["security"]?.description == #"[{"key-Ocp-Apim-Subscription-Key":[]},{"token":[]}]"#)
    }
}
