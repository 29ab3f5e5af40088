import OrreryDocuments

/// Reads one object of the configuration member by member, and knows how to complain: where, and what was expected.
/// What nobody asked for is a mistake, for a misspelt limit limits nothing.
struct ConfigurationReader {
    private let members: [JSONMember]
    /// Where the object stands, for messages.
    let place: String
    private var asked: Set<String> = []

    init(_ json: JSONValue, at place: String) throws(ConfigurationError) {
        guard let members = json.members else { throw ConfigurationError("\(place) is not an object") }
        self.members = members
        self.place = place
    }

    /// The whole object as text: differs where the configuration does.
    var fingerprint: String { String(decoding: JSONValue.object(members).text, as: UTF8.self) }

    /// A member's value; nil where it is absent or null.
    mutating func value(_ name: String) -> JSONValue? {
        asked.insert(name)
        let value = members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
        return value?.isNull == true ? nil : value
    }

    mutating func text(_ name: String) throws(ConfigurationError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { throw wrong(name, "a text") }
        return text
    }

    mutating func requiredText(_ name: String) throws(ConfigurationError) -> String {
        guard let text = try text(name), !text.isEmpty else { throw wrong(name, "a text") }
        return text
    }

    mutating func flag(_ name: String) throws(ConfigurationError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let flag = value.boolean else { throw wrong(name, "true or false") }
        return flag
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.int64.flatMap(Int.init(exactly:)), range.contains(number) else {
            throw wrong(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func requiredInteger(_ name: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let number = try integer(name, in: range) else {
            throw wrong(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func array(_ name: String) throws(ConfigurationError) -> [JSONValue] {
        guard let value = value(name) else { return [] }
        guard let array = value.array else { throw wrong(name, "a list") }
        return array
    }

    mutating func texts(_ name: String) throws(ConfigurationError) -> [String] {
        var texts: [String] = []
        for value in try array(name) {
            guard let text = value.string else { throw wrong(name, "a list of texts") }
            texts.append(text)
        }
        return texts
    }

    /// One of some words.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Word.Type
    ) throws(ConfigurationError) -> Word? where Word.RawValue == String {
        guard let text = try text(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw wrong(name, "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return word
    }

    /// The name of a header field.
    mutating func headerName(_ name: String) throws(ConfigurationError) -> String? {
        guard let text = try text(name) else { return nil }
        guard CallHeaders.isName(text) else { throw wrong(name, "the name of a header field") }
        return text
    }

    /// An object of its own within this one; nil where there is none.
    mutating func part<Part>(
        _ name: String, _ make: (inout ConfigurationReader) throws(ConfigurationError) -> Part
    ) throws(ConfigurationError) -> Part? {
        guard let json = value(name) else { return nil }
        var reader = try ConfigurationReader(json, at: "\(place), \(name)")
        let part = try make(&reader)
        try reader.finish()
        return part
    }

    func wrong(_ name: String, _ expected: String) -> ConfigurationError {
        ConfigurationError("\(place): \(name) must be \(expected)")
    }

    /// To be called when everything was asked for.
    func finish() throws(ConfigurationError) {
        for member in members where !asked.contains(member.name) && !member.name.hasPrefix("_") {
            throw ConfigurationError("\(place): there is no '\(member.name)'")
        }
    }

    /// A name that links and counters are made of: 1 to 80 letters, digits, dots, hyphens and underscores.
    mutating func requiredName(_ name: String) throws(ConfigurationError) -> String {
        let text = try requiredText(name)
        guard Self.isName(text) else { throw wrong(name, "1 to 80 letters, digits, dots, hyphens and underscores") }
        return text
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 80 && text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
    }
}
