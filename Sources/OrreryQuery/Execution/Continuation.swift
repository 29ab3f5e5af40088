/// Where a query goes on: what a page could not hold, in a form that survives a restart of the server.
///
///     01, kind, emitted, skipped                                   (numbers as LEB128)
///     streaming: partition, version, rows of that document already returned
///     sorted and gathered: key length, key, 1 if the key is cut short, rows already returned that share a cut key
///     16 bytes of signature over the above and what binds it: query text, parameters and scope
///
/// The text form is base64 for URLs, without padding.
struct Continuation: Sendable {
    enum Place: Sendable {
        case streaming(DocumentPosition, rowsDone: Int)
        /// The last row returned had this key. A key too long for the token is cut, and then rows are counted.
        case key(OrderKey, isCut: Bool, sharedCount: Int)
    }

    var place: Place
    /// Rows returned so far, for TOP and LIMIT.
    var emitted: Int
    /// Rows passed over so far, for OFFSET.
    var skipped: Int

    private static let version: UInt8 = 1
    private static let signatureBytes = 16

    static let invalid = QueryError.badContinuation

    // MARK: Text

    func text(signing: ContinuationSigning) -> String {
        Base64URL.encode(signing.signed(body, Self.signatureBytes))
    }

    /// How many bytes of a key a token of this size can hold.
    static func keyBytesMax(tokenBytesMax: Int) -> Int {
        max(1, tokenBytesMax * 3 / 4 - signatureBytes - 48)
    }

    init(place: Place, emitted: Int, skipped: Int) {
        self.place = place
        self.emitted = emitted
        self.skipped = skipped
    }

    init(text: String, signing: ContinuationSigning) throws(QueryError) {
        guard let signed = Base64URL.decode(text), let body = signing.verified(signed, Self.signatureBytes) else {
            throw Self.invalid
        }
        var reader = NumberReader(body)
        guard reader.byte() == Self.version, let kind = reader.byte(), let emitted = reader.integer(),
            let skipped = reader.integer()
        else { throw Self.invalid }
        self.emitted = emitted
        self.skipped = skipped
        if kind == 1 {
            guard let partition = reader.number().flatMap({ UInt32(exactly: $0) }), let version = reader.number(),
                let rowsDone = reader.integer()
            else { throw Self.invalid }
            place = .streaming(DocumentPosition(partition: partition, version: version), rowsDone: rowsDone)
        } else {
            guard let count = reader.integer(), let key = reader.bytes(count), let isCut = reader.byte(),
                let shared = reader.integer()
            else { throw Self.invalid }
            place = .key(OrderKey(bytes: key), isCut: isCut == 1, sharedCount: shared)
        }
    }

    private var body: [UInt8] {
        var bytes: [UInt8] = [Self.version]
        switch place {
        case .streaming(let position, let rowsDone):
            bytes.append(1)
            for number in [
                UInt64(emitted), UInt64(skipped), UInt64(position.partition), position.version, UInt64(rowsDone),
            ] {
                bytes.append(number: number)
            }
        case .key(let key, let isCut, let sharedCount):
            bytes.append(2)
            for number in [emitted, skipped, key.bytes.count] { bytes.append(number: UInt64(number)) }
            bytes += key.bytes
            bytes.append(isCut ? 1 : 0)
            bytes.append(number: UInt64(sharedCount))
        }
        return bytes
    }
}

/// Ties a continuation to its query: `sign` is a keyed hash that the caller provides.
struct ContinuationSigning: Sendable {
    let sign: @Sendable ([UInt8]) -> [UInt8]
    /// What it is tied to.
    let text: [UInt8]
    let parameters: QueryParameters
    let scope: [UInt8]

    func signed(_ body: [UInt8], _ count: Int) -> [UInt8] {
        body + signature(of: body, count)
    }

    func verified(_ signed: [UInt8], _ count: Int) -> [UInt8]? {
        guard signed.count > count else { return nil }
        let body = Array(signed.dropLast(count))
        var difference: UInt8 = 0
        // Every byte is looked at, so that the time tells nothing of where they differ.
        for (a, b) in zip(signed.suffix(count), signature(of: body, count)) { difference |= a ^ b }
        return difference == 0 ? body : nil
    }

    private func signature(of body: [UInt8], _ count: Int) -> [UInt8] {
        let signature = sign(body + [0] + text + [0] + parameters.canonicalBytes() + [0] + scope).prefix(count)
        return signature + [UInt8](repeating: 0, count: count - signature.count)
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}

private struct NumberReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func number() -> UInt64? {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            result |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return result }
        }
        return nil
    }

    /// A count; far below what could overflow when it grows.
    mutating func integer() -> Int? {
        number().flatMap { $0 < 1 << 48 ? Int($0) : nil }
    }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
