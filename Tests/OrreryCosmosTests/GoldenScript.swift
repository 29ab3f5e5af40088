import Foundation
import OrreryHTTP

/// A dialogue with the service as a text file: what is sent, and what comes back.
///
///     # a comment
///     > POST /dbs
///     > prefer: return=minimal
///     > {"id":"shop"}
///     < 201
///     < etag: *
///     < {"id":"shop", …}
///
/// A line of a request is its method and target, then headers, then a body that begins with `{` or `[`. `%etag%` and
/// `%continuation%` stand for what the last answer had. In answers what differs from run to run is shown as `*`: entity
/// tags, timestamps and activity ids.
struct GoldenScript {
    /// One line of the file, or several that belong together.
    enum Part {
        case text(String)
        case request(lines: [String])
    }

    let parts: [Part]

    init(_ text: String) {
        var parts: [Part] = []
        var request: [String] = []
        func finish() {
            if !request.isEmpty { parts.append(.request(lines: request)) }
            request = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("> ") {
                request.append(String(line.dropFirst(2)))
            } else if line.hasPrefix("<") {
                continue
            } else {
                finish()
                parts.append(.text(line))
            }
        }
        finish()
        self.parts = parts
    }

    /// Runs the requests, and writes the file as it should be.
    func transcript(_ service: TestService) -> String {
        var lines: [String] = []
        var last: HTTPResponse?
        for part in parts {
            switch part {
            case .text(let line): lines.append(line)
            case .request(let request):
                lines += request.map { "> \($0)" }
                let response = send(request, after: last, service)
                lines += Self.describe(response).map { "< \($0)" }
                last = response
            }
        }
        return lines.joined(separator: "\n")
    }

    private func send(_ lines: [String], after last: HTTPResponse?, _ service: TestService) -> HTTPResponse {
        let filled = lines.map { line in
            line.replacingOccurrences(of: "%etag%", with: last?.headers["etag"] ?? "")
                .replacingOccurrences(of: "%continuation%", with: last?.headers["x-ms-continuation"] ?? "")
                .replacingOccurrences(of: "%session%", with: last?.headers["x-ms-session-token"] ?? "")
        }
        let first = filled[0].split(separator: " ", maxSplits: 1)
        var headers: [(name: String, value: String)] = []
        var body = ""
        for line in filled.dropFirst() {
            let isHeader = body.isEmpty && !line.hasPrefix("{") && !line.hasPrefix("[") && line.contains(": ")
            if isHeader, let colon = line.firstIndex(of: ":") {
                headers.append((
                    name: String(line[..<colon]),
                    value: String(line[line.index(colon, offsetBy: 2)...])))
            } else {
                body += line
            }
        }
        return service.send(String(first[0]), first.count > 1 ? String(first[1]) : "/", headers, body: body)
    }

    /// Headers that say nothing about the request, or something else every time.
    private static let hiddenHeaders = ["x-ms-activity-id", "x-ms-serviceversion", "content-type"]

    private static func describe(_ response: HTTPResponse) -> [String] {
        var lines = ["\(response.status)"]
        for (name, value) in response.headers.all where !hiddenHeaders.contains(name.lowercased()) {
            let shown = value.replacingOccurrences(
                of: "TimeInMs=[0-9.]*", with: "TimeInMs=*", options: .regularExpression)
            lines.append("\(name): \(name == "etag" ? "*" : withoutSignature(shown, name))")
        }
        if !response.body.isEmpty { lines.append(withoutVariables(response.text)) }
        return lines
    }

    /// A query's continuation ends with a signature of 16 bytes under a key that every account draws for itself.
    private static func withoutSignature(_ value: String, _ name: String) -> String {
        name == "x-ms-continuation" && value.count > 22 ? value.dropLast(22) + "*" : value
    }

    private static func withoutVariables(_ text: String) -> String {
        var text = text
        let variables = [
            (#""_etag":"\\"[^"]*\\"""#, #""_etag":"*""#),
            (#""eTag":"\\"[^"]*\\"""#, #""eTag":"*""#),
            (#""_ts":[0-9]+"#, #""_ts":*"#),
            (#""crts":[0-9]+"#, #""crts":*"#),
            (#"\\r\\nActivityId: [0-9a-f-]*"#, ""),
        ]
        for (pattern, replacement) in variables {
            text = text.replacingOccurrences(of: pattern, with: replacement, options: .regularExpression)
        }
        return text
    }
}
