@testable import OrreryEngine
import OrreryLMDB
import Testing

/// A run's tables are written in steps.
@Suite struct TableWriterTests {
    private func key(_ number: Int) -> [UInt8] {
        var key: [UInt8] = []
        key.append(bigEndian: UInt64(number))
        return key
    }

    private func isThere(_ number: Int, in table: Database, of environment: Environment) throws -> Bool {
        let transaction = try environment.read()
        return try transaction.value(table, key(number).span) != nil
    }

    @Test func aStepIsInTheFileBeforeTheNextOneIsPut() throws {
        let scratch = try Scratch()
        let environment = try Environment(
            path: scratch.file("run-1.lmdb"), mapBytes: 1 << 30, databasesMax: 2, options: [.noSync, .noLock])
        let table = try environment.openDatabase("table")
        var writer = try TableWriter(environment, "table", pace: .none)
        let value = [UInt8](repeating: 7, count: 1 << 20)
        let perStep = TableWriter.stepBytes / value.count
        // The keys count too, so the last value of a step closes it.
        for step in 0..<2 {
            for place in 0..<perStep {
                let number = step * perStep + place
                #expect(try !isThere(step * perStep, in: table, of: environment), "before \(number)")
                try writer.append(key(number), value)
            }
            for number in (step * perStep)..<((step + 1) * perStep) {
                #expect(try isThere(number, in: table, of: environment))
            }
        }
        try writer.append(key(2 * perStep), [1])
        #expect(try !isThere(2 * perStep, in: table, of: environment))
        try writer.finish()
        #expect(try isThere(2 * perStep, in: table, of: environment))
    }

    /// What is not ended is not there, and leaves the table as the last step did.
    @Test func whatIsLetGoOfIsUndone() throws {
        let scratch = try Scratch()
        let environment = try Environment(
            path: scratch.file("run-1.lmdb"), mapBytes: 1 << 30, databasesMax: 2, options: [.noSync, .noLock])
        let table = try environment.openDatabase("table")
        do {
            var writer = try TableWriter(environment, "table", pace: .none)
            try writer.append(key(1), [1])
        }
        #expect(try !isThere(1, in: table, of: environment))
        var writer = try TableWriter(environment, "table", pace: .none)
        try writer.append(key(1), [2])
        try writer.finish()
        #expect(try isThere(1, in: table, of: environment))
    }
}
