import CGnuTLS

/// The hashes that HMAC (RFC 2104) is used with.
public enum HMACAlgorithm: Sendable, CaseIterable {
    case sha256, sha384, sha512

    /// Bytes of a code.
    public var codeBytes: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The authentication code of one message under a key of any length.
    public func code(key: [UInt8], message: [UInt8]) -> [UInt8] {
        // Safe: the library reads key and message and writes exactly the code's bytes.
        unsafe [UInt8](unsafeUninitializedCapacity: codeBytes) { code, initializedCount in
            let result = unsafe key.withUnsafeBytes { key in
                unsafe message.withUnsafeBytes { message in
                    unsafe gnutls_hmac_fast(
                        mac, key.baseAddress, key.count, message.baseAddress, message.count, code.baseAddress)
                }
            }
            precondition(result == 0, "HMAC with SHA-2 is part of every build of the library")
            initializedCount = codeBytes
        }
    }

    private var mac: gnutls_mac_algorithm_t {
        switch self {
        case .sha256: GNUTLS_MAC_SHA256
        case .sha384: GNUTLS_MAC_SHA384
        case .sha512: GNUTLS_MAC_SHA512
        }
    }
}
