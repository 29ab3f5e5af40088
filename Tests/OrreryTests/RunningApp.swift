import Foundation
import FoundationNetworking
import Orrery
import Testing

/// An app with a folder of its own.
final class RunningApp {
    let app: App
    let directory: String

    init(functionKey: String? = nil) {
        directory = NSTemporaryDirectory() + "orrery-app-\(UUID().uuidString)"
        var configuration = AppConfiguration()
        configuration.directory = directory
        configuration.port = 0
        configuration.functionKey = functionKey
        configuration.handlerThreadCount = 2
        app = App(configuration: configuration)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func send(
        _ method: String, _ path: String, _ headers: [String: String] = [:], body: String = ""
    ) async throws -> (status: Int, text: String) {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(app.port ?? 0)\(path)")))
        request.httpMethod = method
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        if !body.isEmpty { request.httpBody = Data(body.utf8) }
        let (data, response) = try await URLSession.shared.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }
}
