import CGnuTLS

/// HMAC with SHA-256 (RFC 2104) under one key. The key's own two hash blocks are worked out once, here; each message
/// then starts from a copy of that state.
@safe public final class HMACSHA256: @unchecked Sendable {
    // Never changed after `init`, so any thread may copy from it.
    private let keyed: gnutls_hmac_hd_t?

    /// A key of any length.
    public init(key: [UInt8]) {
        var handle: gnutls_hmac_hd_t?
        // Safe: the library reads the key during the call only and keeps nothing of it but its hash.
        let result = unsafe key.withUnsafeBytes { key in
            unsafe gnutls_hmac_init(&handle, GNUTLS_MAC_SHA256, key.baseAddress, key.count)
        }
        precondition(result == 0, "HMAC-SHA256 is part of every build of the library")
        unsafe keyed = handle
    }

    deinit {
        unsafe gnutls_hmac_deinit(keyed, nil)
    }

    /// The message's authentication code.
    public func code(for message: [UInt8]) -> Digest {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        // Safe: the copy is this call's alone; the library reads `message` and writes 32 bytes.
        let handle = unsafe gnutls_hmac_copy(keyed)
        let result = unsafe message.withUnsafeBytes { message in
            unsafe gnutls_hmac(handle, message.baseAddress, message.count)
        }
        precondition(result == 0, "hashing bytes in memory does not fail")
        var span = digest.mutableSpan
        unsafe span.withUnsafeMutableBytes { unsafe gnutls_hmac_deinit(handle, $0.baseAddress) }
        return Digest(digest)
    }
}

/// The authentication code of one message; `HMACSHA256` is faster for several under one key.
public func hmacSHA256(key: [UInt8], message: [UInt8]) -> Digest {
    HMACSHA256(key: key).code(for: message)
}
