/// A JSON number: an IEEE double for comparison, an exact `Int64` where its text is an integer in range, and the text
/// it was written with where writing the value anew would change it.
public struct JSONNumber: Sendable {
    private enum Storage {
        case integer(Int64)
        case double(Double)
        case text(String, Double)
    }

    private let storage: Storage

    /// A computed integer, exact.
    public init(_ value: Int64) {
        storage = .integer(value)
    }

    /// A computed number. A value that is not finite can be compared but has no JSON text; see `JSONWriter.number`.
    public init(_ value: Double) {
        storage = .double(value)
    }

    /// A number as written in a valid text: `text` holds its digits alone.
    init(validText text: Span<UInt8>) {
        let isMinusZero = text.count == 2 && text[0] == UInt8(ascii: "-") && text[1] == UInt8(ascii: "0")
        if let value = JSONNumberText.int64(text), !isMinusZero {
            storage = .integer(value)
        } else {
            storage = .text(String(validUTF8: text), JSONNumberText.double(text))
        }
    }

    /// The nearest IEEE double: what numbers are compared by.
    public var double: Double {
        switch storage {
        case .integer(let value): Double(value)
        case .double(let value), .text(_, let value): value
        }
    }

    /// The exact integer, where the number was made from one or its text has neither fraction nor exponent and fits.
    public var int64: Int64? {
        switch storage {
        case .integer(let value): value
        case .double: nil
        case .text(_, let value): value == 0 && value.sign == .minus && textIsInteger ? 0 : nil
        }
    }

    /// The text it was written with, where that is not what the value alone would be written as.
    var text: String? {
        if case .text(let text, _) = storage { return text }
        return nil
    }

    private var textIsInteger: Bool { text == "-0" }
}
