import OrreryHTTP

/// Paths that lead out of the place that they are put into.
enum UpwardPath {
    /// Whether there are steps upwards in a path as it stands in a URL, or steps in place.
    ///
    /// A server behind the gateway may take an encoded slash for a slash, and so the step behind it for one; or a
    /// backslash; or it may leave away what stands in a segment behind a semicolon.
    static func leadsUpwards(_ path: String) -> Bool {
        guard path.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "%") }) else { return false }
        guard let plain = try? PercentEncoding.bytes(path.utf8) else { return true }
        return plain.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.contains { segment in
            let name = segment.prefix { $0 != UInt8(ascii: ";") }
            return name.elementsEqual("..".utf8) || name.elementsEqual(".".utf8)
        }
    }
}
