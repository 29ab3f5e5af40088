import CPQ
import Glibc

/// A connection to PostgreSQL that runs one prepared statement over and over, by the database's own client library.
@safe struct PostgresConnection: LoadConnection {
    let descriptor: Int32
    /// Gives the texts of the next execution's parameters, `$1` first, each with a zero at its end.
    private let parameters: @Sendable () -> [[UInt8]]
    private let connection: OpaquePointer
    private var hasFailed = false

    private static let statementName = "load"

    /// - Parameter settings: where to connect, in libpq's words.
    init(
        settings: String, statement: String, parameterCount: Int, parameters: @escaping @Sendable () -> [[UInt8]]
    ) throws {
        self.parameters = parameters
        guard let connection = unsafe PQconnectdb(settings) else { throw BenchError(description: "no memory") }
        unsafe self.connection = unsafe connection
        descriptor = unsafe PQsocket(connection)
        do {
            // The connection lives until `close`, or until this fails, its last message until the next call.
            guard unsafe PQstatus(connection) == CONNECTION_OK else { throw unsafe Self.error(of: connection) }
            let prepared = unsafe PQprepare(
                connection, Self.statementName, statement, Int32(parameterCount), nil)
            defer { unsafe PQclear(prepared) }
            guard unsafe PQresultStatus(prepared) == PGRES_COMMAND_OK else { throw unsafe Self.error(of: connection) }
        } catch {
            unsafe PQfinish(connection)
            throw error
        }
    }

    mutating func send() throws {
        hasFailed = false
        let texts = parameters()
        // The pointers are used within the call only, which copies what they point to.
        let isSent = unsafe withPointers(to: texts[...], then: []) { pointers in
            unsafe PQsendQueryPrepared(
                connection, Self.statementName, Int32(pointers.count), pointers, nil, nil, 0)
        }
        if isSent != 1 { throw unsafe Self.error(of: connection) }
    }

    mutating func receive(into buffer: inout [UInt8]) throws -> Bool? {
        if unsafe PQconsumeInput(connection) != 1 { throw unsafe Self.error(of: connection) }
        while unsafe PQisBusy(connection) == 0 {
            guard let result = unsafe PQgetResult(connection) else { return !hasFailed }
            let status = unsafe PQresultStatus(result)
            unsafe PQclear(result)
            if status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK { hasFailed = true }
        }
        return nil
    }

    func close() { unsafe PQfinish(connection) }

    private static func error(of connection: OpaquePointer) -> BenchError {
        unsafe BenchError(description: "PostgreSQL said: \(String(cString: PQerrorMessage(connection)))")
    }

    /// Calls `body` with a pointer to each text's first byte, all of which stay where they are meanwhile.
    private func withPointers<Result>(
        to texts: ArraySlice<[UInt8]>, then pointers: [UnsafePointer<CChar>?],
        _ body: ([UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        guard let text = texts.first else { return unsafe body(pointers) }
        return unsafe text.withUnsafeBytes { bytes in
            let pointer = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            return unsafe withPointers(to: texts.dropFirst(), then: pointers + [pointer], body)
        }
    }
}
