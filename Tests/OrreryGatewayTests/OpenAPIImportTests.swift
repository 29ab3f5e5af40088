import Foundation
import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryGateway

@Suite struct OpenAPIImportTests {
    private static let pets = ##"""
        {"openapi":"3.0.3","info":{"title":"Pets","version":"1","description":"All about pets"},
         "servers":[{"url":"https://{region}.example.org/v1","variables":{"region":{"default":"eu"}}}],
         "paths":{
           "/pets":{
             "parameters":[{"$ref":"#/components/parameters/Trace"}],
             "get":{"operationId":"listPets","summary":"All pets","parameters":[
                 {"name":"limit","in":"query","schema":{"type":"integer","minimum":0,"exclusiveMinimum":true}},
                 {"name":"tag","in":"query","schema":{"type":"array","items":{"type":"string","maxLength":3}}},
                 {"name":"ids","in":"query","explode":false,"schema":{"type":"array","items":{"type":"integer"}}},
                 {"name":"session","in":"cookie","schema":{"type":"string"}}],
               "responses":{"200":{"description":"Pets","content":{"application/json":{"schema":{"type":"array",
                 "items":{"$ref":"#/components/schemas/Pet"}}}}}}},
             "post":{"requestBody":{"required":true,"content":{"application/json":{"schema":{
                 "$ref":"#/components/schemas/Pet"}}}},"responses":{"201":{"description":"Made"}}}},
           "/pets/{petId}":{"get":{"operationId":"show pet!",
               "responses":{"default":{"$ref":"#/components/responses/E"}},
               "parameters":[{"name":"petId","in":"path","required":true,"schema":{"type":"integer"}}]},
             "put":{"servers":[{"url":"https://write.example.org"}],"requestBody":{"content":{"text/plain":{}}}}}},
         "components":{
           "parameters":{"Trace":{"name":"X-Trace","in":"header","required":true,"schema":{"type":"boolean"}}},
           "responses":{"E":{"description":"An error"}},
           "schemas":{"Pet":{"type":"object","required":["name"],"properties":{
             "name":{"type":"string","pattern":"^[a-z]+$"},"owner":{"type":"string","nullable":true},
             "parent":{"$ref":"#/components/schemas/Pet"}}}}}}
        """##

    private func imported(_ text: String = pets, backend: String? = nil) throws -> (api: JSONValue, said: [String]) {
        var description = try OpenAPIImport(Array(text.utf8))
        let api = try description.api(id: "pets", path: "/zoo", backend: backend)
        return (api, description.warnings)
    }

    @Test func anAPIIsMade() throws {
        let (api, said) = try imported()
        #expect(api["displayName"]?.string == "Pets" && api["path"]?.string == "/zoo")
        let operations = try #require(api["operations"]?.array)
        #expect(operations.compactMap { $0["id"]?.string } == ["listPets", "post-pets", "show-pet", "put-pets-petId"])
        #expect(operations.compactMap { $0["backend"]?["url"]?.string } == [
            "https://eu.example.org/v1", "https://eu.example.org/v1", "https://eu.example.org/v1",
            "https://write.example.org",
        ])
        #expect(said == [
            "GET /pets: the parameter 'session' in the cookie is passed on unchecked",
            "PUT /pets/{petId}: bodies are passed on unchecked, for they may be of other types than JSON",
        ])
        let given = try imported(backend: "http://10.0.0.5:9000").api["operations"]?[3]?["backend"]?["url"]?.string
        #expect(given == "http://10.0.0.5:9000")
    }

    @Test func wordsAboutTheSchemaItselfAreLeftOut() throws {
        let words = #""maxLength":3,"$comment":"why","title":"A tag""#
        let api = try imported(Self.pets.replacing(#""maxLength":3"#, with: words)).api
        let text = String(decoding: api.text, as: UTF8.self)
        #expect(text.contains("A tag") && !text.contains("$comment"))
    }

    /// A request, and the end of what is said to be wrong with it; empty where nothing is.
    @Test(arguments: [
        ("GET", "/zoo/pets?limit=1", "X-Trace", "true", "", ""),
        ("GET", "/zoo/pets", "X-Other", "true", "", "the parameter 'X-Trace' in the header is required."),
        ("GET", "/zoo/pets?limit=0", "X-Trace", "true", "", "the parameter 'limit' must be greater than 0."),
        ("GET", "/zoo/pets?limit=1&limit=x", "X-Trace", "true", "", "the parameter 'limit' must be of type integer."),
        ("GET", "/zoo/pets?tag=a&tag=12", "X-Trace", "true", "", ""),
        ("GET", "/zoo/pets?tag=a&tag=long", "X-Trace", "true", "", "/1 must have from 0 to 3 characters."),
        ("GET", "/zoo/pets?ids=1,2", "X-Trace", "true", "", ""),
        ("GET", "/zoo/pets?ids=1,b", "X-Trace", "true", "", "/1 must be of type integer."),
        ("GET", "/zoo/pets", "X-Trace", "yes", "", "the parameter 'X-Trace' must be of type boolean."),
        ("GET", "/zoo/pets/7", "X-Trace", "true", "", ""),
        ("GET", "/zoo/pets/seven", "X-Trace", "true", "", "the parameter 'petId' must be of type integer."),
        ("POST", "/zoo/pets", "X-Trace", "true", #"{"name":"rex","owner":null}"#, ""),
        ("POST", "/zoo/pets", "X-Trace", "true", #"{"name":"Rex"}"#, "/name does not have the form asked for."),
        ("POST", "/zoo/pets", "X-Trace", "true", #"{"name":"rex","parent":{}}"#, "/parent/name is required."),
        ("POST", "/zoo/pets", "X-Trace", "true", "", "The body is not JSON."),
        ("PUT", "/zoo/pets/7", "X-Trace", "true", "anything", ""),
    ])
    func requestsAreChecked(
        _ method: String, _ target: String, _ name: String, _ value: String, _ body: String, _ fault: String
    ) throws {
        var (api, _) = try imported()
        api["requiresSubscription"] = false
        let gateway = try TestGateway([api.description])
        let answer = gateway.send(method, target, [(name: name, value: value)], body: body)
        #expect(answer?.status == (fault.isEmpty ? 200 : 400))
        #expect(fault.isEmpty || answer?.json["message"]?.string?.hasSuffix(fault) == true)
        guard fault.isEmpty, !target.contains(",") else { return }
        #expect(gateway.passedOn.last?.url.hasSuffix(target.dropFirst(4)) == true)
    }

    /// Whoever answers may look at any of a field's values.
    @Test func allValuesOfAHeaderAreChecked() throws {
        var (api, _) = try imported()
        api["requiresSubscription"] = false
        let gateway = try TestGateway([api.description])
        for (values, status) in [(["true", "false"], 200), (["true", "yes"], 400), (["yes", "true"], 400)] {
            let answer = gateway.send("GET", "/zoo/pets", values.map { (name: "X-Trace", value: $0) })
            #expect(answer?.status == status, "\(values)")
        }
    }

    @Test(arguments: [
        ("[]", "the OpenAPI document is not an object"), ("text", "the OpenAPI document is not an object"),
        ("open: x", "openapi must be 3.0 or 3.1, not ''"),
        ("openapi: 3.1.0\npaths:\n\t/a: {}\n",
         "the OpenAPI document, line 3, column 1: found character that cannot start any token"),
        (#"{"openapi":"3.1.0","paths":{}"#, "the OpenAPI document, line 2, column 1: did not find expected ',' or '}'"),
        (#"{"swagger":"2.0"}"#, "Swagger 2.0 is not read: only OpenAPI 3.0 and 3.1"),
        (#"{"openapi":"4.0.0"}"#, "openapi must be 3.0 or 3.1, not '4.0.0'"),
        (#"{"openapi":"3.1.0"}"#, "paths must be an object"),
        (#"{"openapi":"3.1.0","paths":{}}"#, "paths has no operation"),
        (#"{"openapi":"3.1.0","paths":{"/a":{"get":{}}}}"#, "the document names no server: one has to be given"),
        (
            #"{"openapi":"3.1.0","servers":[{"url":"/v1"}],"paths":{"/a":{"get":{}}}}"#,
            "/a: the server '/v1' is no whole URL: one has to be given"
        ),
        (
            #"{"openapi":"3.1.0","servers":[{"url":"http://a"}],"paths":{"/{a}.{b}":{"get":{}}}}"#,
            "GET /{a}.{b}: '{a}.{b}' in the path '/{a}.{b}' has more than one name"
        ),
        (
            ##"{"openapi":"3.1.0","paths":{"/a":{"$ref":"#/components/pathItems/A"}},"components":{"##
                + ##""pathItems":{"A":{"$ref":"#/components/pathItems/A"}}}}"##,
            "/a: more than 16 references lead on to others"
        ),
        (
            #"{"openapi":"3.1.0","paths":{"/a":{"get":{"parameters":[{"$ref":"https://x/y"}]}}}}"#,
            "GET /a: the reference 'https://x/y' leads out of the document"
        ),
        (
            ##"{"openapi":"3.1.0","paths":{"/a":{"get":{"parameters":[{"$ref":"#/components/none"}]}}}}"##,
            "GET /a: the reference '#/components/none' leads nowhere"
        ),
        (
            ##"{"openapi":"3.1.0","components":{"schemas":{"A":{"items":{"$ref":"#/components/schemas/B"}}}}}"##,
            "schema 'A': the reference '#/components/schemas/B' leads nowhere"
        ),
        (
            ##"{"openapi":"3.1.0","components":{"schemas":{"A":{"items":{"$ref":"#/paths/B"}}}}}"##,
            "schema 'A': '#/paths/B' refers to no schema of components"
        ),
    ])
    func mistakes(_ text: String, _ message: String) {
        #expect(throws: ConfigurationError(message)) { try imported(text) }
    }

    /// As people write it: names that are numbers, words that are truth values in older YAML, texts of several lines.
    @Test func documentsMayBeInYAML() throws {
        let (api, said) = try imported("""
            openapi: 3.1.0   # the line, not a number
            info:
              title: Pets
              version: '1'
              description: >-
                All of
                them
            servers:
              - url: https://pets.example.org/v1
            paths:
              /pets:
                get:
                  operationId: listPets
                  parameters:
                    - {name: sort, in: query, schema: {enum: [on, off, yes]}}
                    - name: limit
                      in: query
                      schema: {type: integer, maximum: 0x64}
                  responses:
                    200: {description: Pets}
            """)
        #expect(said.isEmpty && api["description"]?.string == "All of them")
        let json = try imported(
            #"{"openapi":"3.1.0","info":{"title":"Pets","version":"1","description":"All of them"},"#
                + #""servers":[{"url":"https://pets.example.org/v1"}],"paths":{"/pets":{"get":{"#
                + #""operationId":"listPets","parameters":[{"name":"sort","in":"query","#
                + #""schema":{"enum":["on","off","yes"]}},{"name":"limit","in":"query","#
                + #""schema":{"type":"integer","maximum":100}}],"responses":{"200":{"description":"Pets"}}}}}}"#)
        #expect(api == json.api)
    }

    /// What is left out lets more pass, never less.
    @Test(arguments: [
        (#"{"not":{"type":"string","if":{}}}"#, "{}"),
        (#"{"not":{"items":{"contains":{}}}}"#, "{}"),
        (##"{"not":{"$ref":"#/components/schemas/Lossy"}}"##, "{}"),
        (##"{"not":{"$ref":"#/components/schemas/Whole"}}"##, ##"{"not":{"$ref":"#/components/schemas/Whole"}}"##),
        (#"{"oneOf":[{"type":"string","if":{}},{"enum":["a"]}]}"#, #"{"anyOf":[{"type":"string"},{"enum":["a"]}]}"#),
        (#"{"oneOf":[{"type":"string"},{"not":{"if":{}}}]}"#, #"{"anyOf":[{"type":"string"},{}]}"#),
        (#"{"anyOf":[{}],"oneOf":[{"if":{}}]}"#, #"{"anyOf":[{}]}"#),
        (#"{"oneOf":[{"type":"string"},{}]}"#, #"{"oneOf":[{"type":"string"},{}]}"#),
        (#"{"patternProperties":{"^x":{}},"additionalProperties":false}"#, "{}"),
        (#"{"prefixItems":[{}],"items":{"type":"string"}}"#, "{}"),
    ]) func whatIsLeftOutMakesNothingStricter(_ schema: String, _ kept: String) throws {
        let (api, said) = try imported(
            #"{"openapi":"3.1.0","servers":[{"url":"http://a"}],"paths":{"/a":{"get":{}}},"#
                + #""components":{"schemas":{"A":\#(schema),"Whole":{"type":"string"},"#
                + #""Lossy":{"properties":{"b":{"if":{}}}}}}}"#)
        #expect(api["schemas"]?["A"] == (try JSONValue(parsing: kept)))
        #expect(said.contains { $0.hasPrefix("schema 'A'") } == (schema != kept))
    }

    @Test func documentsThatAreTooLongAreRefused() {
        let text = #"{"openapi":"3.1.0","x":"\#(String(repeating: "a", count: OpenAPIImport.documentBytesMax))"}"#
        #expect(throws: ConfigurationError("the OpenAPI document is longer than 1048576 bytes")) { try imported(text) }
        let deep = String(repeating: #"{"not":"#, count: 40) + "{}" + String(repeating: "}", count: 40)
        #expect(throws: ConfigurationError("schema 'A' is nested too deeply")) {
            try imported(#"{"openapi":"3.1.0","components":{"schemas":{"A":\#(deep)}}}"#)
        }
    }

    /// What an API's own description is made into is the API again.
    @Test func descriptionsComeBack() throws {
        let (api, _) = try imported(backend: "http://a")
        let gateway = try TestGateway([api.description])
        let description = try #require(gateway.gateway.openAPI(server: "http://a", ofAPI: "pets"))
        var again = try OpenAPIImport(description.text)
        let made = try again.api(id: "pets", path: "/again", backend: "http://a")
        #expect(made["schemas"]?["Pet"] == api["schemas"]?["Pet"])
        func ids(_ api: JSONValue) -> [String] {
            (api["operations"]?.array ?? []).compactMap { $0["id"]?.string }.sorted()
        }
        #expect(ids(made) == ids(api))
        let combined = gateway.gateway.openAPI(server: "http://a").description
        #expect(combined.contains(##""$ref":"#/components/schemas/pets.Pet""##))
        #expect(!combined.contains(##""$ref":"#/components/schemas/Pet""##))
    }

    /// The database's own description, with its hundred or so operations.
    @Test func theDatabasesDescriptionIsRead() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Docs/openapi.json")
        var description = try OpenAPIImport(Array(Data(contentsOf: page)))
        let api = try description.api(id: "database", path: "/database", backend: "http://127.0.0.1:8081")
        let gateway = try TestGateway([api.description])
        #expect(gateway.gateway.current.apis.first?.operations.isEmpty == false)
    }
}
