import CGnuTLS

/// A public key on the curve P-256, for checking signatures that others make (FIPS 186-5).
public struct P256PublicKey: Sendable, Equatable {
    private let x: [UInt8]
    private let y: [UInt8]

    /// Bytes of a coordinate, and of each of a signature's two numbers.
    public static let coordinateBytes = 32

    /// A key from its point's coordinates, big-endian. Nil for coordinates of another length. A point that is not on
    /// the curve is found out when something is to be verified, and verifies nothing.
    public init?(x: [UInt8], y: [UInt8]) {
        guard x.count == Self.coordinateBytes, y.count == Self.coordinateBytes else { return nil }
        self.x = x
        self.y = y
        guard unsafe withKey({ _ in true }) == true else { return nil }
    }

    /// Whether a signature over a message was made with this key's other half, by ECDSA with SHA-256: what JSON Web
    /// Tokens call ES256 (RFC 7518, section 3.4).
    /// - Parameter signature: the two numbers one after the other, 64 bytes, as the tokens have them.
    public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == 2 * Self.coordinateBytes else { return false }
        let first = signature.prefix(Self.coordinateBytes)
        let second = signature.suffix(Self.coordinateBytes)
        // Zero is no number of a signature, though careless checks take it for one of anything.
        guard first.contains(where: { $0 != 0 }), second.contains(where: { $0 != 0 }) else { return false }
        let encoded = Self.encoded(first, second)
        let isGood = unsafe withKey { key in
            unsafe withDatum(message) { message in
                unsafe withDatum(encoded) { signature in
                    unsafe gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_ECDSA_SHA256, 0, &message, &signature) >= 0
                }
            }
        }
        return isGood == true
    }

    /// Does something with the library's form of the key; nil where the point is none of the curve's.
    private func withKey(_ body: (gnutls_pubkey_t?) -> Bool) -> Bool? {
        var key: gnutls_pubkey_t?
        guard unsafe gnutls_pubkey_init(&key) == 0 else { return nil }
        defer { unsafe gnutls_pubkey_deinit(key) }
        let isPoint = unsafe withDatum(x) { x in
            unsafe withDatum(y) { y in
                unsafe gnutls_pubkey_import_ecc_raw(key, GNUTLS_ECC_CURVE_SECP256R1, &x, &y) == 0
            }
        }
        return isPoint ? unsafe body(key) : nil
    }

    /// The two numbers as the library takes them: a sequence of integers (X.690, DER).
    private static func encoded(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> [UInt8] {
        let numbers = integer(first) + integer(second)
        return [0x30, UInt8(numbers.count)] + numbers
    }

    /// At most 33 bytes and two before them.
    private static func integer(_ number: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = Array(number.drop { $0 == 0 })
        if bytes.first ?? 0x80 >= 0x80 { bytes.insert(0, at: 0) }
        return [0x02, UInt8(bytes.count)] + bytes
    }
}
