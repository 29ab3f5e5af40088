import OrreryDocuments
import Testing

@testable import OrreryGateway

@Suite struct SchemaTests {
    private static func schema(_ text: String, named: String = "{}") throws -> JSONSchema {
        try JSONSchema(JSONValue(parsing: text), at: "s", NamedSchemas(JSONValue(parsing: named), at: "named"))
    }

    /// A schema, a value that fits, one that does not, and what is said of it.
    @Test(arguments: [
        (#"{"type":"integer"}"#, "1.0", "1.5", "the body must be of type integer"),
        (#"{"type":["string","null"]}"#, "null", "1", "the body must be of type string or null"),
        (#"{"enum":["a",1]}"#, "1.0", #""b""#, #"the body must be one of "a", 1"#),
        (#"{"const":{"a":1}}"#, #"{"a":1}"#, "{}", #"the body must be one of {"a":1}"#),
        (#"{"required":["a"]}"#, #"{"a":null}"#, "{}", "/a is required"),
        (#"{"properties":{"a":{"type":"number"}}}"#, #"{"a":1,"b":2}"#, #"{"a":"x"}"#, "/a must be of type number"),
        (#"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"a":1}"#, #"{"b":1}"#, "/b is not known"),
        (#"{"additionalProperties":{"type":"null"}}"#, #"{"a":null}"#, #"{"b":1}"#, "/b must be of type null"),
        (#"{"minProperties":1,"maxProperties":2}"#, #"{"a":1}"#, "{}", "the body must have from 1 to 2 properties"),
        (#"{"items":{"maximum":3}}"#, "[1,3]", "[1,4]", "/1 must be at most 3"),
        (#"{"minItems":1}"#, "[0]", "[]", "the body must have at least 1 elements"),
        (#"{"uniqueItems":true}"#, "[1,2]", "[1,1.0]", "the body has an element twice"),
        (#"{"minLength":1,"maxLength":2}"#, #""é""#, #""abc""#, "the body must have from 1 to 2 characters"),
        (#"{"pattern":"^[a-z]+$"}"#, #""abc""#, #""abc\n""#, "the body does not have the form asked for"),
        (#"{"pattern":"\\d"}"#, #""a1""#, #""a""#, "the body does not have the form asked for"),
        (#"{"pattern":"^a"}"#, "1", #""ba""#, "the body does not have the form asked for"),
        (#"{"minimum":0.5}"#, "0.5", "0.4", "the body must be at least 0.5"),
        (#"{"exclusiveMinimum":0,"exclusiveMaximum":1}"#, "0.5", "1", "the body must be less than 1"),
        (#"{"multipleOf":0.01}"#, "19.99", "0.005", "the body must be a multiple of 0.01"),
        (#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, "2", "3", "the body must be at most 2"),
        (#"{"anyOf":[{"type":"string"},{"minimum":5}]}"#, "5", "4", "the body fits none of the forms it may have"),
        (
            #"{"oneOf":[{"minimum":1},{"maximum":5}]}"#, "0", "3",
            "the body fits more than one of the forms it may have"
        ),
        (#"{"not":{"type":"string"}}"#, "1", #""a""#, "the body has a form that it may not have"),
    ])
    func keywords(_ schema: String, _ good: String, _ bad: String, _ fault: String) throws {
        let schema = try Self.schema(schema)
        #expect(schema.fault(in: try JSONValue(parsing: good)) == nil)
        #expect(schema.fault(in: try JSONValue(parsing: bad)) == fault)
    }

    @Test func aSchemaMayLeadBackToItselfThroughTheValue() throws {
        let tree = ##"{"Tree":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"##
            + ##""children":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}}}}}"##
        let schema = try Self.schema(##"{"$ref":"#/components/schemas/Tree"}"##, named: tree)
        let good = #"{"name":"a","children":[{"name":"b","children":[{"name":"c"}]}]}"#
        #expect(schema.fault(in: try JSONValue(parsing: good)) == nil)
        let bad = good.replacing(#"{"name":"c"}"#, with: "{}")
        #expect(schema.fault(in: try JSONValue(parsing: bad)) == "/children/0/children/0/name is required")
    }

    @Test(arguments: [
        (#"{"type":"float"}"#, "s: type must be one of object, array, string, number, integer, boolean, null"),
        (#"{"contains":{}}"#, "s: there is no 'contains'"),
        (
            #"{"properties":{"a":{"pattern":"^a(b"}}}"#,
            "s/a: pattern '^a(b' is no regular expression, at byte 4: missing closing parenthesis"
        ),
        (#"{"multipleOf":0}"#, "s: multipleOf must be greater than 0"),
        (##"{"$ref":"#/components/schemas/None"}"##, "s: there is no schema 'None'"),
        (#"{"$ref":"other.json"}"#, "s: $ref must be #/components/schemas/NAME, not 'other.json'"),
        (##"{"$ref":"#/components/schemas/A"}"##, "named/A: the schema 'B' refers to itself without end"),
    ])
    func mistakes(_ text: String, _ message: String) throws {
        let loop = ##"{"A":{"allOf":[{"$ref":"#/components/schemas/B"}]},"B":{"$ref":"#/components/schemas/A"}}"##
        let named = text.contains("/A") ? loop : "{}"
        #expect(throws: ConfigurationError(message)) { try Self.schema(text, named: named) }
    }

    /// What cannot be told is a fault, also where its opposite is asked for or one of several would do.
    @Test(arguments: [
        #"{"pattern":"^(a+)+$"}"#, #"{"not":{"pattern":"^(a+)+$"}}"#, #"{"anyOf":[{"pattern":"^(a+)+$"},{}]}"#,
        #"{"oneOf":[{"pattern":"^(a+)+$"},{}]}"#,
    ])
    func patternsThatTakeTooLongAreRefused(_ text: String) throws {
        let fault = try Self.schema(text).fault(in: .string(String(repeating: "a", count: 100) + "!"))
        #expect(fault == "the body takes too many steps to check")
    }

    /// Twice as many ways for each level: without an end to the steps this would not come back.
    @Test func whatTakesTooManyStepsIsRefused() throws {
        let both = #"{"anyOf":[{"properties":{"a":R},"required":["b"]},{"properties":{"a":R},"required":["c"]}]}"#
        let named = #"{"T":\#(both.replacing("R", with: ##"{"$ref":"#/components/schemas/T"}"##))}"#
        let schema = try Self.schema(##"{"$ref":"#/components/schemas/T"}"##, named: named)
        let value = String(repeating: #"{"a":"#, count: 100) + "{}" + String(repeating: "}", count: 100)
        #expect(schema.fault(in: try JSONValue(parsing: value))?.isEmpty == false)
    }
}
