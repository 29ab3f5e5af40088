/// The path of an operation: `/loads/{id}`, where a name in braces stands for one segment and `{*rest}` at the end for
/// all that follow.
struct PathTemplate: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case text(String)
        case parameter(String)
        /// A name between texts, such as `{topic}:publish`.
        case within(before: String, name: String, after: String)
        case rest(String)
    }

    let text: String
    private let parts: [Part]

    init(_ text: String, at place: String) throws(ConfigurationError) {
        guard text.hasPrefix("/") else { throw ConfigurationError("\(place): the path '\(text)' begins with no slash") }
        self.text = text
        var parts: [Part] = []
        for segment in text.split(separator: "/") {
            if case .rest = parts.last {
                throw ConfigurationError("\(place): nothing can follow {*…} in the path '\(text)'")
            }
            if segment.hasPrefix("{*"), segment.hasSuffix("}") {
                parts.append(.rest(String(segment.dropFirst(2).dropLast())))
            } else {
                guard let part = Self.part(segment) else {
                    throw ConfigurationError("\(place): '\(segment)' in the path '\(text)' has more than one name")
                }
                parts.append(part)
            }
        }
        self.parts = parts
    }

    /// What a segment is; nil where its braces are not those of one name.
    private static func part(_ segment: Substring) -> Part? {
        guard let open = segment.firstIndex(of: "{") else {
            return segment.contains("}") ? nil : .text(String(segment))
        }
        guard let close = segment.firstIndex(of: "}"), close > open else { return nil }
        let (before, after) = (segment[..<open], segment[segment.index(after: close)...])
        let name = segment[segment.index(after: open)..<close]
        guard !name.isEmpty, !(before + name + after).contains(where: { $0 == "{" || $0 == "}" }) else { return nil }
        if before.isEmpty, after.isEmpty { return .parameter(String(name)) }
        return .within(before: String(before), name: String(name), after: String(after))
    }

    /// The names of what stands in braces.
    var parameterNames: [String] {
        parts.compactMap { part in
            switch part {
            case .text: nil
            case .parameter(let name), .rest(let name), .within(_, let name, _): name
            }
        }
    }

    /// The name of what stands for all that follows; nil where there is none.
    var restName: String? {
        if case .rest(let name) = parts.last { name } else { nil }
    }

    /// Of the segments of a path that matches, those that `{*rest}` stands for.
    func restSegments(of segments: [String]) -> ArraySlice<String> { segments.dropFirst(parts.count - 1) }

    /// How specific the template is: of two that match, the one with the greater wins, part by part.
    var specificity: [Int] {
        parts.map { part in
            switch part {
            case .text: 3
            case .within: 2
            case .parameter: 1
            case .rest: 0
            }
        }
    }

    /// What the names stand for in a path; nil where it is another.
    func match(_ segments: ArraySlice<String>) -> [String: String]? {
        var found: [String: String] = [:]
        var rest = segments
        for part in parts {
            switch part {
            case .rest(let name):
                found[name] = rest.joined(separator: "/")
                return found
            case .text(let text):
                guard let segment = rest.popFirst(), segment.utf8.elementsEqual(text.utf8) else { return nil }
            case .parameter(let name):
                guard let segment = rest.popFirst(), !segment.isEmpty else { return nil }
                found[name] = segment
            case .within(let before, let name, let after):
                guard let segment = rest.popFirst()?.utf8, segment.count > before.utf8.count + after.utf8.count,
                    segment.starts(with: before.utf8), segment.suffix(after.utf8.count).elementsEqual(after.utf8)
                else { return nil }
                found[name] = String(segment.dropFirst(before.utf8.count).dropLast(after.utf8.count))
            }
        }
        return rest.isEmpty ? found : nil
    }
}
