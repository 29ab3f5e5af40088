internal import OrreryDocuments

/// The elements of an array that is being decoded, in order.
struct DecodedElements: UnkeyedDecodingContainer {
    let decoder: ItemDecoder
    private var rest: JSONElements
    private var next: JSONNode?
    private(set) var currentIndex = 0

    init(decoder: ItemDecoder) {
        self.decoder = decoder
        rest = decoder.node.elements
        next = rest.next()
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { decoder.node.count }
    var isAtEnd: Bool { next == nil }

    mutating func decodeNil() throws -> Bool {
        guard try element(Any.self).decodeNil() else { return false }
        advance()
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try element(type).decode(type)
        advance()
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let container = try element(type).container(keyedBy: type)
        advance()
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try element([Any].self).unkeyedContainer()
        advance()
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let element = try element(Any.self)
        advance()
        return element
    }

    private mutating func advance() {
        next = rest.next()
        currentIndex += 1
    }

    private func element(_ type: Any.Type) throws -> ItemDecoder {
        let path = codingPath + [ElementKey(position: currentIndex)]
        guard let next else {
            throw DecodingError.valueNotFound(
                type, DecodingError.Context(codingPath: path, debugDescription: "the array is at its end"))
        }
        return ItemDecoder(next, at: path)
    }
}
