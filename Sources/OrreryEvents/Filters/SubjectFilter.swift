/// How a subject must begin and end.
struct SubjectFilter: Sendable {
    let prefix: String
    let suffix: String
    let isCaseSensitive: Bool
    private let foldedPrefix: FoldedText
    private let foldedSuffix: FoldedText

    init(prefix: String, suffix: String, isCaseSensitive: Bool) {
        self.prefix = prefix
        self.suffix = suffix
        self.isCaseSensitive = isCaseSensitive
        foldedPrefix = FoldedText(prefix)
        foldedSuffix = FoldedText(suffix)
    }

    var isEmpty: Bool { prefix.isEmpty && suffix.isEmpty }

    func beginsRight(_ subject: String) -> Bool {
        if isCaseSensitive { return subject.utf8.starts(with: prefix.utf8) }
        return prefix.isEmpty || foldedPrefix.stands(at: .start, of: subject.utf8.span)
    }

    func endsRight(_ subject: String) -> Bool {
        if isCaseSensitive { return subject.utf8.reversed().starts(with: suffix.utf8.reversed()) }
        return suffix.isEmpty || foldedSuffix.stands(at: .end, of: subject.utf8.span)
    }
}
