import CYAML

/// What libyaml finds in a text, one after the other; the only place that touches the library. A class, for it owns the
/// parser and the text that this reads.
@safe final class YAMLEvents {
    /// From 1 on.
    struct Place {
        let line: Int
        let column: Int
    }

    enum Event: Equatable {
        case documentStart, sequenceStart, mappingStart, streamEnd
        /// Of a sequence or a mapping.
        case end
        case scalar(String, isPlain: Bool)
        case alias(String)
        case other
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) throws(YAMLError) {
        let start = Place(line: 1, column: 1)
        guard String(validating: bytes, as: UTF8.self) != nil else { throw YAMLError("it is not UTF-8", at: start) }
        // The library compares each with all before it. Nothing that is read here needs one.
        guard !Self.hasTagDirective(bytes) else { throw YAMLError("%TAG is not read", at: start) }
        unsafe parser = .allocate(capacity: 1)
        unsafe text = .allocate(capacity: bytes.count)
        _ = unsafe text.initialize(from: bytes)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            unsafe text.deallocate()
            throw YAMLError("there is no memory to read it with", at: start)
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        // Safe: the text is freed with the parser, after it.
        unsafe yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe text.deallocate()
    }

    /// What a line may begin behind: what the library ends lines at, or the mark of the byte order. That is one at the
    /// beginning only; a text with `%TAG` behind one elsewhere is refused as well.
    private static let lineStarts: [[UInt8]] = [
        [0x0A], [0x0D], Array("\u{85}".utf8), Array("\u{2028}".utf8), Array("\u{2029}".utf8), Array("\u{FEFF}".utf8),
    ]

    private static func hasTagDirective(_ bytes: [UInt8]) -> Bool {
        bytes.indices.contains { index in
            guard bytes[index] == UInt8(ascii: "%"), bytes[index...].starts(with: "%TAG".utf8) else { return false }
            let before = bytes[..<index]
            return before.isEmpty || lineStarts.contains { before.suffix($0.count).elementsEqual($0) }
        }
    }

    /// The next event. Not to be called after the stream's end, nor after an error.
    func next() throws(YAMLError) -> (event: Event, place: Place) {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw unsafe error(parser.pointee) }
        defer { unsafe yaml_event_delete(&event) }
        let place = unsafe Self.place(event.start_mark)
        return (try unsafe Self.event(event, at: place), place)
    }

    private static func place(_ mark: yaml_mark_t) -> Place { Place(line: mark.line + 1, column: mark.column + 1) }

    private func error(_ parser: yaml_parser_t) -> YAMLError {
        let message = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
        guard unsafe parser.error == YAML_READER_ERROR else {
            return YAMLError(message, at: unsafe Self.place(parser.problem_mark))
        }
        // Of a character that may not be there only the byte is known.
        let before = unsafe Array(text.prefix(parser.problem_offset))
        let line = before.reversed().prefix { $0 != 0x0A }
        let place = Place(line: before.count { $0 == 0x0A } + 1, column: line.count { $0 & 0xC0 != 0x80 } + 1)
        return YAMLError(message, at: place)
    }

    private static func event(_ event: yaml_event_t, at place: Place) throws(YAMLError) -> Event {
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
        case YAML_ALIAS_EVENT: return .alias(unsafe string(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT:
            try check(unsafe string(event.data.sequence_start.tag), is: "seq", at: place)
            return .sequenceStart
        case YAML_MAPPING_START_EVENT:
            try check(unsafe string(event.data.mapping_start.tag), is: "map", at: place)
            return .mappingStart
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let tag = unsafe string(scalar.tag)
            try check(tag, is: "str", at: place)
            // Safe: the event has as many bytes as it says.
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE && tag == nil
            return .scalar(unsafe String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
        default: return .other
        }
    }

    private static func check(_ tag: String?, is name: String, at place: Place) throws(YAMLError) {
        guard let tag, tag != "!", tag != "tag:yaml.org,2002:" + name else { return }
        throw YAMLError("the tag '\(tag)' is not read", at: place)
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        unsafe text.map { unsafe String(cString: $0) }
    }
}
