import CGnuTLS

/// An RSA public key, for checking signatures that others make (RFC 8017).
public struct RSAPublicKey: Sendable, Equatable {
    private let modulus: [UInt8]
    private let exponent: [UInt8]

    /// Shorter keys can be broken; longer ones only cost time.
    public static let modulusBitsRange = 2048...8192

    /// A key from its two numbers, big-endian. Nil for a modulus of another size than ``modulusBitsRange``, or for an
    /// exponent that is no odd number from 3 on.
    public init?(modulus: [UInt8], exponent: [UInt8]) {
        let modulus = Array(modulus.drop { $0 == 0 })
        let exponent = Array(exponent.drop { $0 == 0 })
        let bitCount = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard Self.modulusBitsRange.contains(bitCount), (1...8).contains(exponent.count), exponent != [1],
            let last = exponent.last, last & 1 == 1
        else { return nil }
        self.modulus = modulus
        self.exponent = exponent
    }

    /// Whether a signature over a message was made with this key's other half, by RSASSA-PKCS1-v1_5 with SHA-256: what
    /// JSON Web Tokens call RS256 (RFC 7518, section 3.3).
    public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == modulus.count else { return false }
        var key: gnutls_pubkey_t?
        guard unsafe gnutls_pubkey_init(&key) == 0 else { return false }
        defer { unsafe gnutls_pubkey_deinit(key) }
        let isKey = unsafe withDatum(modulus) { modulus in
            unsafe withDatum(exponent) { exponent in
                unsafe gnutls_pubkey_import_rsa_raw(key, &modulus, &exponent) == 0
            }
        }
        guard isKey else { return false }
        return unsafe withDatum(message) { message in
            unsafe withDatum(signature) { signature in
                unsafe gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_RSA_SHA256, 0, &message, &signature) >= 0
            }
        }
    }
}
