import OrreryDocuments

/// A place in the query text, as UTF-8 offsets `[start, end)`.
public struct SourceRange: Sendable, Hashable {
    /// The first byte.
    public let start: Int
    /// The byte behind the last.
    public let end: Int

    /// A place from its bounds.
    public init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    func joined(with other: SourceRange) -> SourceRange {
        SourceRange(start: min(start, other.start), end: max(end, other.end))
    }
}

/// Why a query was refused. Every one of these answers HTTP 400; nothing was changed and no row was lost.
public struct QueryError: Error, Sendable, Equatable {
    /// The service's codes (query-language specification, section 6) and the project's own, which start with `OQ`.
    public enum Code: String, Sendable {
        case syntax = "SC1001"
        case unresolvedIdentifier = "SC2001"
        case unknownFunction = "SC2005"
        case starWithGroupBy = "SC2041"
        case argumentCount = "SC2050"
        case topBound = "SC2060"
        case limitBound = "SC2061"
        case offsetBound = "SC2062"
        case nestedAggregate = "SC2101"
        case columnNotGrouped = "SC2102"
        case unsupportedOrderBy = "2206"
        /// A construct that the language forbids and for which the service's own code is not known.
        case invalidQuery = "OQ4000"
        /// A function or clause that parses but is not carried out yet.
        case notSupported = "OQ4001"
        /// A limit of `QueryLimits` was passed.
        case limitExceeded = "OQ4002"
        /// The result cannot be written as JSON (NaN or an infinity).
        case notRepresentable = "OQ4003"
        /// The continuation does not belong to this query, or was altered.
        case badContinuation = "OQ4004"
        /// The client lacks a feature that the query's plan needs.
        case featureMissing = "OQ4005"
    }

    /// One message with its place.
    public struct Diagnostic: Sendable, Equatable {
        /// What kind of fault it is.
        public let code: Code
        /// What is wrong, for people.
        public let message: String
        /// Where it is wrong; nil when it is not one place.
        public let location: SourceRange?
    }

    /// One at least.
    public var diagnostics: [Diagnostic]
    /// The service writes a few refusals of its planner as bare strings: `{"Errors":["…"]}`.
    public var isPlannerRefusal = false

    init(_ code: Code, _ message: String, at location: SourceRange? = nil) {
        diagnostics = [Diagnostic(code: code, message: message, location: location)]
    }

    init(diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    /// A continuation that no page of the query gave out.
    public static let badContinuation = QueryError(
        .badContinuation, "The continuation token is malformed, was altered or belongs to another query.")

    /// A page that was to be brief and turns out to be more work; see ``QueryPageOptions/isBrief``.
    public static let notBrief = QueryError(.limitExceeded, "The query reads more than a brief page may.")

    static func syntax(near text: String, at location: SourceRange) -> QueryError {
        QueryError(.syntax, "Syntax error, incorrect syntax near '\(text)'.", at: location)
    }

    static func unsupported(_ what: String, at location: SourceRange? = nil) -> QueryError {
        QueryError(.notSupported, "\(what) is not supported by this server yet.", at: location)
    }

    static func planner(_ message: String) -> QueryError {
        var error = QueryError(.invalidQuery, message)
        error.isPlannerRefusal = true
        return error
    }

    /// The first diagnostic's code.
    public var code: Code { diagnostics.first?.code ?? .invalidQuery }
    /// The first diagnostic's message.
    public var message: String { diagnostics.first?.message ?? "" }
    /// The first diagnostic's place.
    public var location: SourceRange? { diagnostics.first?.location }

    /// The JSON that the service places after `Message: ` in the body's message:
    /// `{"errors":[{"severity":"Error","location":{"start":24,"end":25},"code":"SC2041","message":"…"}]}`.
    public var errorsJSON: String {
        var writer = JSONWriter()
        writer.beginObject()
        if isPlannerRefusal {
            writer.name("Errors")
            writer.beginArray()
            for diagnostic in diagnostics { writer.string(diagnostic.message) }
            writer.endArray()
        } else {
            writer.name("errors")
            writer.beginArray()
            for diagnostic in diagnostics { diagnostic.write(to: &writer) }
            writer.endArray()
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension QueryError.Diagnostic {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("severity")
        writer.string("Error")
        if let location {
            writer.name("location")
            writer.beginObject()
            writer.name("start")
            writer.number(location.start)
            writer.name("end")
            writer.number(location.end)
            writer.endObject()
        }
        writer.name("code")
        if let number = Int64(code.rawValue) { writer.number(number) } else { writer.string(code.rawValue) }
        writer.name("message")
        writer.string(message)
        writer.endObject()
    }
}
