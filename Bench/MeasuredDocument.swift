/// A kind of document that is measured with: the same ones are given to every server that is compared.
protocol MeasuredDocument: SendableMetatype {
    static func id(_ number: Int) -> String
    static func partitionKey(_ number: Int) -> String

    /// The whole text of one document. Made with little work: load generators make one for each request.
    static func bytes(_ number: Int) -> [UInt8]
}

extension MeasuredDocument {
    static func text(_ number: Int) -> String { String(decoding: bytes(number), as: UTF8.self) }
}
