// OrreryCrypto: digests, codes, random bytes and certificates over GnuTLS, which only this target imports. It knows
// nothing of accounts, requests or what its bytes mean.

import CGnuTLS
import Glibc

/// A certificate that vouches for itself, for TLS on one's own machine, with its private key.
public struct SelfSignedCertificate: Sendable {
    /// PEM text of the certificate.
    public let certificatePEM: String

    /// PEM text of the private key: P-256, PKCS #8, not encrypted.
    public let keyPEM: String

    /// A new key and a certificate over it, valid from yesterday for `validDays`, for those DNS names and addresses.
    /// - Parameter addresses: IP addresses in network order: 4 bytes for IPv4, 16 for IPv6.
    public init(
        names: [String] = ["localhost"],
        addresses: [[UInt8]] = [[127, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
        validDays: Int = 825
    ) throws(CryptoError) {
        var key: gnutls_x509_privkey_t?
        var certificate: gnutls_x509_crt_t?
        defer {
            if let key = unsafe key { unsafe gnutls_x509_privkey_deinit(key) }
            if let certificate = unsafe certificate { unsafe gnutls_x509_crt_deinit(certificate) }
        }
        try check(unsafe gnutls_x509_privkey_init(&key))
        try check(unsafe gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, curveBits, 0))
        try check(unsafe gnutls_x509_crt_init(&certificate))
        try unsafe Self.describe(certificate, names: names, addresses: addresses, validDays: validDays)
        try check(unsafe gnutls_x509_crt_set_key(certificate, key))
        try check(unsafe gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0))

        var text = unsafe gnutls_datum_t()
        try check(unsafe gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &text))
        certificatePEM = unsafe Self.take(&text)
        try check(unsafe gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, nil, 0, &text))
        keyPEM = unsafe Self.take(&text)
    }

    private static func describe(
        _ certificate: gnutls_x509_crt_t?, names: [String], addresses: [[UInt8]], validDays: Int
    ) throws(CryptoError) {
        let day: time_t = 86_400
        let now = time(nil)
        let serial = [UInt8(1)] + randomBytes(count: 15)
        try check(unsafe gnutls_x509_crt_set_version(certificate, 3))
        try check(unsafe gnutls_x509_crt_set_serial(certificate, serial, serial.count))
        try check(unsafe gnutls_x509_crt_set_activation_time(certificate, now - day))
        try check(unsafe gnutls_x509_crt_set_expiration_time(certificate, now + day * time_t(validDays)))
        try check(unsafe gnutls_x509_crt_set_dn(certificate, "CN=orrery", nil))
        for name in names {
            let bytes = Array(name.utf8)
            try check(
                unsafe gnutls_x509_crt_set_subject_alt_name(
                    certificate, GNUTLS_SAN_DNSNAME, bytes, UInt32(bytes.count), UInt32(GNUTLS_FSAN_APPEND)))
        }
        for address in addresses {
            try check(
                unsafe gnutls_x509_crt_set_subject_alt_name(
                    certificate, GNUTLS_SAN_IPADDRESS, address, UInt32(address.count), UInt32(GNUTLS_FSAN_APPEND)))
        }
        try check(unsafe gnutls_x509_crt_set_key_usage(certificate, UInt32(GNUTLS_KEY_DIGITAL_SIGNATURE)))
        try check(unsafe gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0))
        // Marked as its own authority, or clients that are told to trust it will not.
        try check(unsafe gnutls_x509_crt_set_basic_constraints(certificate, 1, -1))
    }

    private static func take(_ text: inout gnutls_datum_t) -> String {
        // Safe: the library says where its bytes are and how many, and they are freed once, after the copy.
        defer { unsafe orrery_gnutls_free(text.data) }
        return unsafe String(decoding: UnsafeBufferPointer(start: text.data, count: Int(text.size)), as: UTF8.self)
    }
}

/// The library's way to name P-256 (`GNUTLS_CURVE_TO_BITS`): a macro, which Swift does not import.
private let curveBits: UInt32 = 0x8000_0000 | UInt32(GNUTLS_ECC_CURVE_SECP256R1.rawValue)

/// GnuTLS refused: its message.
public struct CryptoError: Error, Sendable, CustomStringConvertible {
    public let description: String
}

private func check(_ result: Int32) throws(CryptoError) {
    if result < 0 { throw CryptoError(description: unsafe String(cString: gnutls_strerror(result))) }
}
