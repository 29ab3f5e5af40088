import OrreryCosmos
import OrreryDocuments
import OrreryEngine

/// The server's end of the local socket: answers requests on the control plane, one after the other.
final class OperatorSocket: Sendable {
    private let socket: LocalSocket
    private let path: String
    private let thread = WorkerPool(threadCount: 1)

    /// Begins to answer. Nil where there can be no socket in the directory.
    init?(directory: String, service: CosmosService) {
        path = LocalSocket.path(in: directory)
        guard let socket = LocalSocket.listening(at: path) else { return nil }
        self.socket = socket
        thread.submit {
            while let client = socket.accepted() {
                Self.answer(client, service)
                client.end()
            }
        }
    }

    private static func answer(_ client: LocalSocket, _ service: CosmosService) {
        guard let message = client.readAll(), let request = OperatorRequest(message: message) else { return }
        let answer = service.answerOperator(request.method, path: Array(request.path.utf8), body: request.body)
        client.writeAll(Array("\(answer.status)\n".utf8) + (answer.body?.text ?? []))
    }

    /// Answers no more, and takes the socket away.
    func stop() {
        socket.interrupt()
        thread.stop()
        socket.end()
        LocalSocket.remove(path)
    }
}
