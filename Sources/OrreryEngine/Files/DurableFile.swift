internal import Glibc

/// Whole files, written so that after a crash there is the old one or the new one.
enum DurableFile {
    /// Reads a whole file; nil when there is none.
    static func read(_ path: String) throws(EngineError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", path)
        }
        defer { _ = close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // The buffer is the array's own and its size is given.
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return content }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read", path)
            }
            content += buffer[..<count]
        }
    }

    /// Whether there is a file of this name.
    static func exists(_ path: String) throws(EngineError) -> Bool {
        if unsafe access(path, F_OK) == 0 { return true }
        guard errno == ENOENT else { throw failure("find", path) }
        return false
    }

    /// Writes a file under a temporary name, flushes it, and renames it into place.
    static func write(_ content: [UInt8], to path: String) throws(EngineError) {
        let temporary = path + ".new"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        do throws(EngineError) {
            try writeAll(content, to: descriptor, temporary)
            guard fsync(descriptor) == 0 else { throw failure("flush", temporary) }
        } catch {
            _ = close(descriptor)
            throw error
        }
        guard close(descriptor) == 0 else { throw failure("close", temporary) }
        guard unsafe rename(temporary, path) == 0 else { throw failure("rename", temporary) }
        try syncDirectory(of: path)
    }

    private static func writeAll(_ content: [UInt8], to descriptor: Int32, _ path: String) throws(EngineError) {
        var offset = 0
        while offset < content.count {
            // The slice lies within the array.
            let count = unsafe content.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("write", path)
            }
            offset += count
        }
    }

    /// Makes the names in a file's folder durable.
    static func syncDirectory(of path: String) throws(EngineError) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let descriptor = unsafe open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", folder) }
        defer { _ = close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("flush", folder) }
    }

    static func failure(_ operation: String, _ path: String) -> EngineError {
        let code = errno
        // The text is the C library's own, valid until the next call of this thread.
        let text = unsafe "\(operation) \(path): \(String(cString: strerror(code)))"
        return code == ENOSPC || code == EDQUOT ? .diskFull(text) : .storage(text)
    }
}
