internal import OrreryDocuments

/// Encodes a value as a document.
struct ItemEncoder: Encoder {
    let place: EncodedPlace
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ place: EncodedPlace, at codingPath: [any CodingKey] = []) {
        self.place = place
        self.codingPath = codingPath
    }

    static func encode(_ value: some Encodable) throws(StoreError) -> JSONValue {
        let place = EncodedPlace()
        do {
            try ItemEncoder(place).encode(value)
        } catch {
            throw .coding("\(error)")
        }
        return place.value
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .object = place.content {} else { place.content = .object([]) }
        return KeyedEncodingContainer(EncodedMembers(place: place, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .array = place.content {} else { place.content = .array([]) }
        return EncodedElements(place: place, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

/// A place in a document that is being encoded. Containers write into their places in any order, so they share them.
final class EncodedPlace {
    enum Content {
        case value(JSONValue)
        case array([EncodedPlace])
        case object([(name: String, place: EncodedPlace)])
    }

    var content = Content.value(.null)

    /// What stands here by now.
    var value: JSONValue {
        switch content {
        case .value(let value): value
        case .array(let places): .array(places.map(\.value))
        case .object(let members): .object(members.map { JSONMember($0.name, $0.place.value) })
        }
    }

    /// The place of a member, over any that there was.
    func member(_ name: String) -> EncodedPlace {
        guard case .object(var members) = content else { return EncodedPlace() }
        let place = EncodedPlace()
        if let index = members.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            members[index].place = place
        } else {
            members.append((name: name, place: place))
        }
        content = .object(members)
        return place
    }

    /// The place behind the last element.
    func element() -> EncodedPlace {
        guard case .array(var places) = content else { return EncodedPlace() }
        let place = EncodedPlace()
        content = .value(.null)
        places.append(place)
        content = .array(places)
        return place
    }

    var elementCount: Int {
        if case .array(let places) = content { places.count } else { 0 }
    }
}

extension ItemEncoder: SingleValueEncodingContainer {
    func encodeNil() { place.content = .value(.null) }
    func encode(_ value: Bool) { place.content = .value(.boolean(value)) }
    func encode(_ value: String) { place.content = .value(.string(value)) }
    func encode(_ value: Float) throws { try encode(Double(value)) }

    func encode(_ value: Double) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value, EncodingError.Context(codingPath: codingPath, debugDescription: "JSON has no such number"))
        }
        place.content = .value(.number(JSONNumber(value)))
    }

    func encode(_ value: Int) { encode(integer: value) }
    func encode(_ value: Int8) { encode(integer: value) }
    func encode(_ value: Int16) { encode(integer: value) }
    func encode(_ value: Int32) { encode(integer: value) }
    func encode(_ value: Int64) { encode(integer: value) }
    func encode(_ value: UInt) { encode(integer: value) }
    func encode(_ value: UInt8) { encode(integer: value) }
    func encode(_ value: UInt16) { encode(integer: value) }
    func encode(_ value: UInt32) { encode(integer: value) }
    func encode(_ value: UInt64) { encode(integer: value) }

    private func encode(integer value: some FixedWidthInteger) {
        // Beyond 64 bits signed a number keeps the digits that it is written with.
        let number = Int64(exactly: value).map { JSONValue.number(JSONNumber($0)) }
        place.content = .value(number ?? (try? JSONValue(parsing: "\(value)")) ?? .null)
    }

    func encode(_ value: some Encodable) throws { try value.encode(to: self) }
}
