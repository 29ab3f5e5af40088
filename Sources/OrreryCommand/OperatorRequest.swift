import Glibc
import OrreryCosmos
import OrreryDatabase
import OrreryDocuments
import OrreryHTTP

/// A request of `orrery keys` or `orrery roles` on the control plane, on its way through the local socket: a line with
/// method and path, then the body. The answer is a line with the status, then the body.
struct OperatorRequest: Equatable {
    var method: HTTPMethod
    var path: String
    var body: [UInt8] = []

    var message: [UInt8] { Array("\(method.name) \(path)\n".utf8) + body }

    init(_ method: HTTPMethod, _ path: String, body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.body = body
    }

    /// Reads a message; nil where it has no such line.
    init?(message: [UInt8]) {
        guard let end = message.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let words = String(decoding: message[..<end], as: UTF8.self).split(separator: " ")
        guard words.count == 2 else { return nil }
        self.init(HTTPMethod(String(words[0])), String(words[1]), body: Array(message[(end + 1)...]))
    }

    /// Has the request answered: by the server that has the data directory open, or else here.
    /// - Returns: the status and the body.
    func perform(directory: String) throws(UsageError) -> (status: Int, body: [UInt8]) {
        if let socket = LocalSocket.connected(to: LocalSocket.path(in: directory)) {
            defer { socket.end() }
            socket.writeAll(message)
            guard let answer = socket.readAll(), let end = answer.firstIndex(of: UInt8(ascii: "\n")),
                let status = Int(String(decoding: answer[..<end], as: UTF8.self))
            else { throw UsageError("the server that has \(directory) open gave no answer") }
            return (status, Array(answer[(end + 1)...]))
        }
        return try performAlone(directory)
    }

    private func performAlone(_ directory: String) throws(UsageError) -> (status: Int, body: [UInt8]) {
        guard DataDirectory.holdsStore(directory) else { throw UsageError("there is no data in \(directory)") }
        do throws(DatabaseError) {
            let account = try Account(directory: directory)
            defer { account.close() }
            let answer = try CosmosService.answerOperator(
                on: account, method, path: Array(path.utf8), body: body, clock: { Int64(time(nil)) })
            return (answer.status, answer.body?.text ?? [])
        } catch {
            throw UsageError("cannot open the data directory \(directory): \(error.oneLine)")
        }
    }
}
