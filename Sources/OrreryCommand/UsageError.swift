/// Why the command cannot do what it was asked, in one line for the user. No message holds a key.
struct UsageError: Error, Equatable {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
