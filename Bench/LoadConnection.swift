/// One connection of a load generator, to whatever server: one request at a time.
protocol LoadConnection: SendableMetatype {
    /// What tells that an answer has come.
    var descriptor: Int32 { get }

    /// Sends the next request.
    mutating func send() throws

    /// Reads what is there.
    /// - Parameter buffer: room that all connections of a thread share.
    /// - Returns: whether the request succeeded; nil while its answer is not complete.
    mutating func receive(into buffer: inout [UInt8]) throws -> Bool?

    mutating func close()
}
