import Glibc

/// Reads small files whole: keys and certificates.
enum TextFile {
    /// No key or certificate chain is larger.
    private static let bytesMax = 1 << 20

    /// The content of a file.
    /// - Throws: `UsageError` with the system's reason.
    static func content(_ path: String, what: String) throws(UsageError) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UsageError("cannot read the \(what) \(path): \(SystemError.message())") }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw UsageError("cannot read the \(what) \(path): \(SystemError.message())") }
            if count == 0 { break }
            content.append(contentsOf: chunk[..<count])
            guard content.count <= bytesMax else { throw UsageError("the \(what) \(path) is too large") }
        }
        return String(decoding: content, as: UTF8.self)
    }
}
