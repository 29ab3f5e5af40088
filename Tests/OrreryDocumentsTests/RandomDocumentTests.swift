import TestSupport
import Testing

import OrreryDocuments

/// Properties that must hold for any value. Each case is one seed, which names the failure.
@Suite struct RandomDocumentTests {
    @Test(arguments: (0..<40).map { _ in UInt64.random(in: 0...UInt64.max) })
    func whatIsWrittenReadsBackEqual(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let value = RandomValue.make(&random, depth: 4)
            let document = try JSONDocument(parsing: value.text)
            #expect(JSONValue(document.root) == value, "seed \(seed)")
            #expect(deepEqual(document.root, value), "seed \(seed)")
            #expect(JSONValue(document.root).text == value.text, "seed \(seed)")
            // White space between tokens and escapes in strings change nothing.
            let spread = try JSONDocument(parsing: RandomValue.spread(value, &random))
            #expect(deepEqual(document.root, spread.root), "seed \(seed)")
        }
    }

    @Test(arguments: (0..<20).map { _ in UInt64.random(in: 0...UInt64.max) })
    func orderIsTotalAndTransitive(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let nodes = try (0..<12).map { _ in try JSONDocument(parsing: RandomValue.make(&random, depth: 2).text).root }
        for a in nodes {
            #expect(JSONOrder.compare(a, a) == .same, "seed \(seed)")
            for b in nodes {
                #expect(JSONOrder.compare(a, b) == JSONOrder.compare(b, a).reversed, "seed \(seed)")
                #expect(JSONOrder.compare(a, JSONValue(b)) == JSONOrder.compare(a, b), "seed \(seed)")
                for c in nodes where JSONOrder.compare(a, b) != .after && JSONOrder.compare(b, c) != .after {
                    #expect(JSONOrder.compare(a, c) != .after, "seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: (0..<20).map { _ in UInt64.random(in: 0...UInt64.max) })
    func doublesReadBackToTheBit(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let text = JSONValue.number(value).text
            #expect(try JSONDocument(parsing: text).root.double?.bitPattern == value.bitPattern, "seed \(seed)")
        }
    }

    /// Short decimals, which take the quick way, agree with the standard library's conversion.
    @Test(arguments: (0..<20).map { _ in UInt64.random(in: 0...UInt64.max) })
    func decimalsAreRoundedCorrectly(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let digits = UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
            var text = String(digits)
            let point = Int.random(in: 0...text.utf8.count, using: &random)
            if point > 0, point < text.utf8.count { text.insert(".", at: text.index(text.startIndex, offsetBy: point)) }
            if Bool.random(using: &random) { text += "e\(Int.random(in: -40...40, using: &random))" }
            if text.hasPrefix("0"), text.utf8.count > 1, !text.hasPrefix("0."), !text.hasPrefix("0e") { continue }
            #expect(try JSONDocument(parsing: text).root.double == Double(text), "seed \(seed) \(text)")
        }
    }

    /// One changed byte never traps, and what is still accepted can be walked and written.
    @Test(arguments: (0..<20).map { _ in UInt64.random(in: 0...UInt64.max) })
    func damagedTextsAreRefusedOrRead(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            var text = RandomValue.make(&random, depth: 3).text
            let position = Int.random(in: 0..<text.count, using: &random)
            text[position] = UInt8.random(in: 0...255, using: &random)
            guard let document = try? JSONDocument(parsing: text) else { continue }
            let value = JSONValue(document.root)
            #expect(
                (try? JSONDocument(parsing: value.text)).map { deepEqual($0.root, document.root) } == true,
                "seed \(seed)")
        }
    }
}

enum RandomValue {
    private static let alphabet = Array("ab\u{0}\n\"\\/ é€😀e\u{301}\u{7f}zzzzzzzz".unicodeScalars)

    static func make(_ random: inout SplitMix64, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .boolean(Bool.random(using: &random))
        case 2: return .number(Int64(bitPattern: random.next() >> UInt64.random(in: 0..<64, using: &random)))
        case 3: return .number(Double.random(in: -1000...1000, using: &random))
        case 4, 5: return .string(string(&random))
        case 6: return .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in make(&random, depth: depth - 1) })
        default:
            var object = JSONValue.object([])
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                object[string(&random)] = make(&random, depth: depth - 1)
            }
            return object
        }
    }

    static func string(_ random: inout SplitMix64) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<20, using: &random) {
            scalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
        }
        return String(scalars)
    }

    /// The value's text with white space at random and, at random, every character of its strings escaped.
    static func spread(_ value: JSONValue, _ random: inout SplitMix64) -> [UInt8] {
        func space() -> [UInt8] {
            Array([" ", "\n", "\t\r", "", "", ""].randomElement(using: &random)?.utf8 ?? "".utf8)
        }
        func quoted(_ text: String) -> [UInt8] {
            guard Bool.random(using: &random) else { return JSONValue.string(text).text }
            let units = text.utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            }
            return Array("\"\(units.joined())\"".utf8)
        }
        switch value {
        case .string(let text): return space() + quoted(text) + space()
        case .array(let elements):
            let parts = elements.map { spread($0, &random) }
            return space() + Array("[".utf8) + Array(parts.joined(separator: Array(",".utf8))) + space()
                + Array("]".utf8)
        case .object(let members):
            let parts = members.map {
                space() + quoted($0.name) + space() + Array(":".utf8) + spread($0.value, &random)
            }
            return space() + Array("{".utf8) + Array(parts.joined(separator: Array(",".utf8))) + space()
                + Array("}".utf8)
        default: return space() + value.text + space()
        }
    }
}
