import Foundation
import Testing

@testable import OrreryEvents

/// The language's compatibility kit, read from the conformance folder where there is one.
@Suite struct CESQLConformanceTests {
    static let folder: URL = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = ProcessInfo.processInfo.environment["ORRERY_CONFORMANCE"].map { URL(fileURLWithPath: $0) }
        return (folder ?? root.appendingPathComponent("../shared/conformance")).appendingPathComponent("cesql-tck")
    }()

    @Test(.enabled(if: FileManager.default.fileExists(atPath: folder.path), "needs the folder ORRERY_CONFORMANCE"))
    func theKitPasses() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        var count = 0
        for name in names.filter({ $0.hasSuffix("yaml") }).sorted() {
            let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
            for test in TestKitFile(text).cases {
                count += 1
                try check(test, "\(name): \(test.scalars["name"]?.text ?? "")")
            }
        }
        #expect(count == 275)
    }

    private func check(_ test: TestKitFile.Case, _ name: String) throws {
        let text = try #require(test.scalars["expression"]?.text, "\(name)")
        let error = test.scalars["error"]?.text
        guard let expression = try? CESQLExpression(text) else {
            #expect(error == "parse", "\(name)")
            return
        }
        #expect(error != "parse", "\(name)")
        let outcome = expression.evaluate(try event(test))
        #expect(outcome.error?.rawValue == error, "\(name)")
        if let result = test.scalars["result"] { #expect(outcome.value == Self.value(result), "\(name)") }
    }

    private func event(_ test: TestKitFile.Case) throws -> Event {
        var attributes = ["id": "myId", "source": "http://localhost/source", "type": "myType"]
        if test.replacesEvent { attributes = [:] }
        var extensions: [EventExtension] = []
        for (name, scalar) in test.attributes {
            switch (EventExtension.isValid(name: name), Self.value(scalar)) {
            case (false, _): attributes[name] = scalar.text
            case (true, .string(let text)): extensions.append(EventExtension(name, .string(text)))
            case (true, .integer(let number)): extensions.append(EventExtension(name, .integer(number)))
            case (true, .boolean(let flag)): extensions.append(EventExtension(name, .boolean(flag)))
            }
        }
        return Event(
            id: try #require(attributes["id"]), source: try #require(attributes["source"]),
            type: try #require(attributes["type"]), subject: attributes["subject"], time: attributes["time"],
            extensions: extensions)
    }

    private static func value(_ scalar: TestKitFile.Scalar) -> CESQLValue {
        if scalar.isQuoted { return .string(scalar.text) }
        switch scalar.text.lowercased() {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: return Int32(scalar.text).map { .integer($0) } ?? .string(scalar.text)
        }
    }
}
