import Foundation
import OrreryDocuments

@testable import OrreryQuery

/// Recorded queries and results that live outside the package: `ORRERY_CONFORMANCE` names their folder, which is else
/// looked for beside the package.
enum Conformance {
    static let folder: String? = {
        if let path = ProcessInfo.processInfo.environment["ORRERY_CONFORMANCE"] { return path }
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = package.deletingLastPathComponent().appending(path: "shared/conformance").path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    static var isPresent: Bool { folder != nil }

    static func load(_ name: String) throws -> JSONValue {
        let data = try Data(contentsOf: URL(filePath: (folder ?? "") + "/" + name))
        return try JSONValue(parsing: Array(data), limits: JSONLimits(depthMax: 512))
    }
}
