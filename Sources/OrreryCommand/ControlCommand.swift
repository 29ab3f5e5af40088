import OrreryDocuments
import OrreryHTTP

/// `orrery keys …` and `orrery roles …`: what they ask for, and how they show what they were told.
struct ControlCommand: Equatable {
    let request: OperatorRequest
    let dataDirectory: String

    /// Reads a command line, its first word included.
    /// - Throws: `UsageError` with one line for the user.
    init(arguments: [String], environment: [String: String]) throws(UsageError) {
        let line = try CommandWords(arguments, options: ["data", "principal", "scope"])
        let options = line.options
        dataDirectory = options["data"] ?? environment["ORRERY_DATA"] ?? ServeOptions.defaultDataDirectory
        request = try Self.request(line.words, options)
    }

    private static func request(
        _ words: [String], _ options: [String: String]
    ) throws(UsageError) -> OperatorRequest {
        switch (words.first, words.dropFirst().first, words.count) {
        case ("keys", "list", 2): return OperatorRequest(.get, "/control/keys")
        case ("keys", "regenerate", 3):
            return OperatorRequest(.post, "/control/keys/\(try segment(words[2]))/regenerate")
        case ("roles", "list", 2): return OperatorRequest(.get, "/control/roleAssignments")
        case ("roles", "assign", 3):
            guard let principal = options["principal"] else { throw UsageError("roles assign needs --principal") }
            let body: JSONValue = [
                "roleDefinitionId": .string(words[2]), "principalId": .string(principal),
                "scope": .string(options["scope"] ?? "/"),
            ]
            return OperatorRequest(.post, "/control/roleAssignments", body: body.text)
        case ("roles", "revoke", 3):
            return OperatorRequest(.delete, "/control/roleAssignments/\(try segment(words[2]))")
        default: throw UsageError("unknown command '\(words.joined(separator: " "))'; see orrery --help")
        }
    }

    private static func segment(_ word: String) throws(UsageError) -> String {
        try CommandWords.segment(word, what: "a key or of an assignment")
    }

    /// Does it.
    /// - Returns: what is to be shown.
    /// - Throws: `UsageError` with the server's reason.
    func run() throws(UsageError) -> String {
        let (status, body) = try request.perform(directory: dataDirectory)
        let json = try? JSONValue(parsing: body)
        guard status < 400 else { throw UsageError(json?["message"]?.string ?? "the server answered \(status)") }
        return Self.lines(json)
    }

    /// One line for each key, or for each assignment.
    private static func lines(_ json: JSONValue?) -> String {
        guard let json else { return "done" }
        if let assignments = json["value"]?.array { return assignments.map(line).joined(separator: "\n") }
        if json["principalId"] != nil { return line(json) }
        let members = json.members ?? []
        let width = members.map(\.name.count).max() ?? 0
        return members.map { member in
            member.name + String(repeating: " ", count: width - member.name.count + 2) + (member.value.string ?? "")
        }.joined(separator: "\n")
    }

    private static func line(_ assignment: JSONValue) -> String {
        ["id", "roleName", "principalId", "scope"].map { assignment[$0]?.string ?? "" }.joined(separator: "  ")
    }
}
