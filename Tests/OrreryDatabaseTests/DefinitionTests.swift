import OrreryDocuments
import Testing

@testable import OrreryDatabase

@Suite struct DefinitionTests {
    @Test(arguments: [
        (nil, #"{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],"#
            + #""excludedPaths":[{"path":"/\"_etag\"/?"}]}"#),
        ("{}", #"{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],"#
            + #""excludedPaths":[{"path":"/\"_etag\"/?"}]}"#),
        (#"{"indexingMode":"Lazy","automatic":false,"excludedPaths":[{"path":"/*"}]}"#,
            #"{"indexingMode":"consistent","automatic":false,"includedPaths":[],"#
                + #""excludedPaths":[{"path":"/*"},{"path":"/\"_etag\"/?"}]}"#),
        (#"{"indexingMode":"none"}"#,
            #"{"indexingMode":"none","automatic":false,"includedPaths":[],"excludedPaths":[]}"#),
        (#"{"includedPaths":[{"path":"/","indexes":[{"kind":"Hash"}]}],"excludedPaths":[{"path":"/a/*"}]}"#,
            #"{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],"#
                + #""excludedPaths":[{"path":"/a/*"},{"path":"/\"_etag\"/?"}]}"#),
    ] as [(String?, String)])
    func indexingPoliciesAreFilledIn(_ given: String?, _ normal: String) throws {
        let policy = try IndexingPolicy(given.map { try JSONValue(parsing: $0) })
        #expect(policy.json.description == normal)
        // What comes back may be sent again, and stays the same.
        #expect(try IndexingPolicy(policy.json).json.description == normal)
    }

    @Test(arguments: [
        "[]", #"{"indexingMode":7}"#, #"{"automatic":"yes"}"#, #"{"includedPaths":[{"path":"/a/?"}]}"#,
        #"{"includedPaths":["/*"]}"#, #"{"includedPaths":[{"path":"a/*"}]}"#, #"{"compositeIndexes":[[]]}"#,
        #"{"compositeIndexes":[[{"path":"/a"},{"path":"/b","order":"sideways"}]]}"#,
        #"{"compositeIndexes":[[{"path":"/a"},{"path":"/b/*"}]]}"#, #"{"vectorIndexes":[{"type":"flat"}]}"#,
    ])
    func badIndexingPoliciesAreRefused(_ text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(throws: DatabaseError.self) { _ = try IndexingPolicy(value) }
    }

    @Test(arguments: [
        ("400", true), ("1000000", true), ("399", false), ("450", false), ("-200", false), ("1000100", false),
        ("9223372036854775808", false), ("", false),
    ])
    func manualThroughputHasBounds(_ text: String, _ isValid: Bool) {
        #expect(((try? Throughput(manualText: text)) != nil) == isValid)
    }

    @Test func throughputComesBackAsItWent() throws {
        let autoscale = try Throughput(autoscale: [
            "maxThroughput": 7000, "autoUpgradePolicy": ["throughputPolicy": ["incrementPercent": 0]],
        ])
        #expect(try Throughput(content: autoscale.content) == autoscale)
        let manual = try Throughput(manual: 1100)
        #expect(try Throughput(content: manual.content) == manual)
        #expect(manual.content["offerAutopilotSettings"] == nil)
    }

    @Test func charactersOfLinksAreNoNames() {
        for name in ["a/b", "a\\b", "a?b", "a#b", "a ", "", "a\u{7}", String(repeating: "x", count: 256)] {
            #expect(throws: DatabaseError.self) { try ResourceName.validate(name) }
        }
        #expect(throws: Never.self) { try ResourceName.validate(" a%b'\"é") }
        #expect(throws: Never.self) {
            try ResourceName.validate(itemID: Array(String(repeating: "x", count: 1023).utf8))
        }
        #expect(throws: DatabaseError.self) {
            try ResourceName.validate(itemID: Array(String(repeating: "x", count: 1024).utf8))
        }
    }

    @Test(arguments: [
        (RequestCharge.read(byteCount: 1), "1"), (.read(byteCount: 1024), "1"), (.read(byteCount: 100 * 1024), "10"),
        (.create(byteCount: 1024, indexedPropertyCount: 0), "5"),
        (.create(byteCount: 100 * 1024, indexedPropertyCount: 0), "50"),
        (.replace(byteCount: 1000, indexedPropertyCount: 5), "9.75"), (RequestCharge(hundredths: 105), "1.05"),
    ])
    func chargesFollowTheDocumentedFigures(_ charge: RequestCharge, _ text: String) {
        #expect(charge.text == text)
    }
}

@Suite struct VectorPolicyTests {
    private func definition(index: String, embedding: String) throws -> JSONValue {
        try JSONValue(parsing: #"""
            {"id":"c","partitionKey":{"paths":["/pk"]},"indexingPolicy":{"vectorIndexes":[\#(index)]},
            "vectorEmbeddingPolicy":{"vectorEmbeddings":[\#(embedding)]}}
            """#)
    }

    private static let embedding = #"{"path":"/v","dataType":"float32","dimensions":256,"distanceFunction":"cosine"}"#

    @Test func aFittingPolicyIsKept() throws {
        let definition = try definition(
            index: #"{"path":"/v","type":"diskANN","quantizationByteSize":256,"vectorIndexShardKey":["/a"]}"#,
            embedding: Self.embedding)
        let container = try ContainerDefinition(definition)
        #expect(container.json["vectorEmbeddingPolicy"] == definition["vectorEmbeddingPolicy"])
        #expect(container.indexingPolicy.json["vectorIndexes"] == definition["indexingPolicy"]?["vectorIndexes"])
    }

    @Test(arguments: [
        (#"{"path":"/w","type":"flat"}"#, embedding, "path::/w not matching in Embedding's path"),
        (#"{"path":"/v","type":"round"}"#, embedding, "Index Type::round is invalid"),
        (#"{"path":"/v","type":"flat","quantizationByteSize":257}"#, embedding, "value :: 257 is out of range"),
        (#"{"path":"/v","type":"diskANN","indexingSearchListSize":5}"#, embedding, "between 25 and 500"),
        (#"{"path":"/v","type":"diskANN","vectorIndexShardKey":["a"]}"#, embedding, "invalid Shard Path: a."),
        (#"{"path":"/v","type":"diskANN","vectorIndexShardKey":["/a","/b"]}"#, embedding, "exceeds the maximum: 1"),
        ("", #"{"path":"/v","dataType":"float33","dimensions":2,"distanceFunction":"cosine"}"#, "invalid DataType"),
        ("", #"{"path":"/v","dataType":"int8","dimensions":-1,"distanceFunction":"cosine"}"#, "Dimensions:-1"),
        ("", #"{"path":"/v","dataType":"int8","dimensions":8000,"distanceFunction":"cosine"}"#, "Dimensions:8000"),
        ("", #"{"path":"/v","dataType":"int8","dimensions":2,"distanceFunction":"near"}"#, "DistanceFunction:near"),
    ])
    func aBadPolicyIsRefused(_ index: String, _ embedding: String, _ message: String) throws {
        let definition = try definition(index: index, embedding: embedding)
        let error = #expect(throws: DatabaseError.self) { _ = try ContainerDefinition(definition) }
        guard case .invalid(let text)? = error else {
            Issue.record("not a refusal of the definition: \(String(describing: error))")
            return
        }
        #expect(text.contains(message))
    }

    @Test func aPathThatIsThereCannotChange() throws {
        let old = try ContainerDefinition(
            definition(index: #"{"path":"/v","type":"flat"}"#, embedding: Self.embedding))
        let other = try ContainerDefinition(
            definition(index: #"{"path":"/v","type":"diskANN"}"#, embedding: Self.embedding))
        #expect(throws: DatabaseError.self) { try other.validate(replacing: old) }
        #expect(throws: Never.self) { try old.validate(replacing: old) }
    }
}
