internal import Glibc

/// Finds what the configuration only refers to: `env:NAME`, `file:PATH`, and `credential:NAME` for what systemd hands
/// to the service.
enum SecretSource {
    /// No key or key set is larger.
    private static let bytesMax = 1 << 20

    /// What a reference leads to, without white space at its end; nil where that is nothing.
    static func bytes(_ reference: String) -> [UInt8]? {
        let parts = reference.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        var found: [UInt8]?
        switch parts[0] {
        case "env": found = variable(parts[1]).map { Array($0.utf8) }
        case "file": found = content(parts[1])
        case "credential":
            guard let directory = variable("CREDENTIALS_DIRECTORY"), !parts[1].contains("/"), parts[1] != ".." else {
                return nil
            }
            found = content(directory + "/" + parts[1])
        default: return nil
        }
        guard var bytes = found else { return nil }
        while let last = bytes.last, last == 0x0A || last == 0x0D || last == 0x20 || last == 0x09 { bytes.removeLast() }
        return bytes.isEmpty ? nil : bytes
    }

    private static func variable(_ name: String) -> String? {
        // Nothing in this program changes the environment, so the text stays as it is.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    private static func content(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0, content.count + count <= bytesMax else { return nil }
            if count == 0 { return content }
            content.append(contentsOf: chunk[..<count])
        }
    }
}
