internal import Glibc

/// Folders of the store.
enum Folder {
    /// Makes a folder, with those above it, where it is missing; its name is durable when this returns.
    static func make(_ path: String) throws(EngineError) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            partial += partial.isEmpty || partial.hasSuffix("/") ? String(part) : "/" + part
            if unsafe mkdir(partial, 0o755) == 0 {
                try DurableFile.syncDirectory(of: partial)
            } else if errno != EEXIST {
                throw DurableFile.failure("make", partial)
            }
        }
    }

    /// The names in a folder, without the two dots; empty when there is no such folder.
    static func names(_ path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            // The name is a C string within the entry, valid until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a folder and the files directly in it, of which large ones are freed later, step by step. What cannot be
    /// removed stays.
    static func remove(_ path: String) {
        for name in names(path) { FileRemoval.remove(path + "/" + name) }
        _ = unsafe rmdir(path)
    }
}
