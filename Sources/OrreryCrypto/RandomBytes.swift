import CGnuTLS

/// Unpredictable bytes, fit for keys.
public func randomBytes(count: Int) -> [UInt8] {
    // Safe: the library fills exactly the buffer it is given.
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
        let result = unsafe gnutls_rnd(GNUTLS_RND_KEY, buffer.baseAddress, count)
        precondition(result == 0, "the system has no random numbers")
        initializedCount = count
    }
}
