internal import OrreryDocuments

/// The members of an object that is being decoded.
struct DecodedMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ItemDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { decoder.node.members.compactMap { Key(stringValue: $0.name) } }

    func contains(_ key: Key) -> Bool { decoder.node[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(Any.self, key).decodeNil() }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try member(type, key).decode(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try member(type, key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try member([Any].self, key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try parent(SuperKey()) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try parent(key) }

    private func member(_ type: Any.Type, _ key: Key) throws -> ItemDecoder {
        guard let node = decoder.node[key.stringValue] else { throw decoder.missing(type, key) }
        return ItemDecoder(node, at: codingPath + [key])
    }

    private func parent(_ key: any CodingKey) throws -> ItemDecoder {
        guard let node = decoder.node[key.stringValue] else { throw decoder.missing(Any.self, key) }
        return ItemDecoder(node, at: codingPath + [key])
    }
}

/// The key under which a class keeps what its parent class encodes.
struct SuperKey: CodingKey {
    var stringValue: String { "super" }
    var intValue: Int? { nil }

    init() {}
    init?(stringValue: String) { nil }
    init?(intValue: Int) { nil }
}

/// The place of an element in an array, as a key in a coding path.
struct ElementKey: CodingKey {
    let position: Int
    var stringValue: String { "\(position)" }
    var intValue: Int? { position }

    init(position: Int) { self.position = position }
    init?(stringValue: String) { nil }
    init?(intValue: Int) { position = intValue }
}
