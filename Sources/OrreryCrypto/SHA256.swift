import CGnuTLS

/// SHA-256 (FIPS 180-4).
public enum SHA256 {
    /// The digest of a message.
    public static func digest(of message: [UInt8]) -> Digest {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        // Safe: the library reads `message` and writes the 32 bytes of a SHA-256 digest, during the call only.
        let result = unsafe message.withUnsafeBytes { message in
            var span = digest.mutableSpan
            return unsafe span.withUnsafeMutableBytes { digest in
                unsafe gnutls_hash_fast(GNUTLS_DIG_SHA256, message.baseAddress, message.count, digest.baseAddress)
            }
        }
        precondition(result == 0, "SHA-256 is part of every build of the library")
        return Digest(digest)
    }
}
