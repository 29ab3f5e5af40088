/// The path of an operation: `/loads/{id}`, where a name in braces stands for one segment and `{*rest}` at the end for
/// all that follow.
struct PathTemplate: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case text(String)
        case parameter(String)
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
            } else if segment.hasPrefix("{"), segment.hasSuffix("}") {
                parts.append(.parameter(String(segment.dropFirst().dropLast())))
            } else {
                parts.append(.text(String(segment)))
            }
        }
        self.parts = parts
    }

    /// The names of what stands in braces.
    var parameterNames: [String] {
        parts.compactMap { part in
            switch part {
            case .text: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }

    /// How specific the template is: of two that match, the one with the greater wins, part by part.
    var specificity: [Int] {
        parts.map { part in
            switch part {
            case .text: 2
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
            }
        }
        return rest.isEmpty ? found : nil
    }
}
