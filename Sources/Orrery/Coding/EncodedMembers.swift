internal import OrreryDocuments

/// The members of an object that is being encoded.
struct EncodedMembers<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let place: EncodedPlace
    let codingPath: [any CodingKey]

    mutating func encodeNil(forKey key: Key) throws { member(key).encodeNil() }

    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try member(key).encode(value) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        member(key).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        member(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { member(SuperKey()) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { member(key) }

    private func member(_ key: some CodingKey) -> ItemEncoder {
        ItemEncoder(place.member(key.stringValue), at: codingPath + [key])
    }
}

/// The elements of an array that is being encoded.
struct EncodedElements: UnkeyedEncodingContainer {
    let place: EncodedPlace
    let codingPath: [any CodingKey]

    var count: Int { place.elementCount }

    mutating func encodeNil() throws { element().encodeNil() }

    mutating func encode<Value: Encodable>(_ value: Value) throws { try element().encode(value) }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        element().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { element().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { element() }

    private func element() -> ItemEncoder {
        ItemEncoder(place.element(), at: codingPath + [ElementKey(position: count)])
    }
}
