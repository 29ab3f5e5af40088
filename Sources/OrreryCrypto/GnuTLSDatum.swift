import CGnuTLS

/// Lends bytes to the library for one call.
func withDatum<Result>(_ bytes: [UInt8], _ body: (inout gnutls_datum_t) -> Result) -> Result {
    // Safe: the library reads what a datum points to and writes nothing through it, and keeps no pointer.
    var bytes = bytes
    return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
        var datum = unsafe gnutls_datum_t(data: buffer.baseAddress, size: UInt32(clamping: buffer.count))
        return unsafe body(&datum)
    }
}
