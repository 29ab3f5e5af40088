import Testing

import OrreryDocuments
import OrreryKeys

@Suite struct OrderedValueTests {
    /// Values in their order; those of one row are equal.
    static let rows: [[String]] = [
        ["null"], ["false"], ["true"], ["-1.7976931348623157e308"], ["-2"], ["-1", "-1.0"], ["-1e-300"],
        ["0", "-0", "0.0", "0e5"],
        ["5e-324"], ["1", "1.0", "10e-1"], ["1.5"], ["9007199254740992", "9007199254740993"], ["1e300"], ["\"\""],
        [#""\u0000""#], [#""\u0000\u0000""#], [#""\u0000\u0001""#], [#""\u0001""#], ["\"a\"", #""\u0061""#],
        [#""a\u0000""#],
        ["\"aa\""], ["\"b\""], ["\"e\u{301}\""], ["\"\u{e9}\""], ["\"\u{ffff}\""], ["\"\u{10000}\""], ["[]", "[1]"],
        ["{}", "{\"a\":1}"],
    ]

    @Test func bytesSortAsValuesDo() throws {
        var previous = OrderedValue(nil, bytesMax: 100)
        #expect(previous.bytes == [0])
        for row in Self.rows {
            let encodings = try row.map { OrderedValue(try JSONDocument(parsing: $0).root, bytesMax: 100) }
            let first = try #require(encodings.first)
            #expect(previous.bytes.lexicographicallyPrecedes(first.bytes), "\(row)")
            for encoding in encodings { #expect(encoding == first && !encoding.isTruncated) }
            for text in row {
                var bytes: [UInt8] = []
                #expect(!OrderedValue.append(try JSONValue(parsing: text), to: &bytes, bytesMax: 100))
                #expect(bytes == first.bytes)
            }
            previous = first
        }
    }

    @Test func noEncodingBeginsAnother() throws {
        let encodings = try Self.rows.map { OrderedValue(try JSONDocument(parsing: $0[0]).root, bytesMax: 100).bytes }
        for (index, encoding) in encodings.enumerated() {
            for (other, longer) in encodings.enumerated() where other != index {
                #expect(!longer.starts(with: encoding))
            }
        }
    }

    @Test(arguments: [(7, false), (8, true), (100, true)])
    func truncates(length: Int, isTruncated: Bool) throws {
        let text = String(repeating: "x", count: length)
        let node = try JSONDocument(parsing: "\"\(text)\"").root
        let value = OrderedValue(node, bytesMax: 10)
        #expect(value.isTruncated == isTruncated)
        #expect(value.bytes.count == 10)
        #expect(value.bytes.starts(with: [8] + Array(text.utf8.prefix(7))))
        #expect(OrderedValue(node, bytesMax: 0).bytes.count == 9)
    }
}
