/// The document that indexes are measured with: about a kilobyte, with fifteen scalar paths of all kinds.
enum QueryDocument: MeasuredDocument {
    static let stateCount = 5
    /// Documents that share a value of `batch`, and of `lot`.
    static let batchSize = 8
    static let lotSize = 124

    static func id(_ number: Int) -> String { "q\(number)" }

    static func partitionKey(_ number: Int) -> String { "customer-\(number / 100)" }

    /// `rank` is unique, and in no order of the numbers.
    static func rank(_ number: Int) -> Int { number &* 7919 % 1_000_003 }

    static func bytes(_ number: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(400 + note.count)
        func add(_ text: StaticString, _ value: Int) {
            text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
            bytes += String(value).utf8
        }
        add(#"{"id":"q"#, number)
        add(#"","customer":"customer-"#, number / 100)
        add(#"","batch":"#, number / batchSize)
        add(#","lot":"#, number / lotSize)
        add(#","rank":"#, rank(number))
        add(#","state":"state-"#, number % stateCount)
        add(#"","total":"#, number % 10_000)
        add(#","at":"2026-01-01T00:00:"#, number)
        add(#"Z","name":"name "#, number)
        add(#"","city":"city-"#, number % 300)
        bytes += (number % 2 == 0 ? #"","open":true"# : #"","open":false"#).utf8
        add(#","weight":"#, number % 977)
        add(#".5,"level":"#, number % 7)
        add(#","address":{"street":"street-"#, number % 5000)
        add(#"","zip":""#, 10_000 + number % 90_000)
        return bytes + note
    }

    /// What all documents share.
    private static let note: [UInt8] = {
        let text = String(repeating: "Leave it with the neighbours, please. ", count: 17)
        return Array(#""},"note":"\#(text)"}"#.utf8)
    }()
}
