/// The `orrery` command: its subcommands, and the texts that explain them.
enum Command {
    static let version = "0.1.0"

    /// What a command line asks for.
    enum Request: Equatable {
        case serve(ServeOptions)
        case control(ControlCommand)
        case handlers(HandlerCommand)
        /// A text for standard output, and nothing else.
        case show(String)
    }

    /// Reads a command line without its first word.
    /// - Throws: `UsageError` with one line for the user.
    static func request(
        arguments: [String], environment: [String: String]
    ) throws(UsageError) -> Request {
        guard let first = arguments.first else { return .show(help) }
        switch first {
        case "--version", "version": return .show("orrery \(version)")
        case "--help", "-h", "help": return .show(help)
        case "serve":
            let rest = Array(arguments.dropFirst())
            if rest.contains("--help") || rest.contains("-h") { return .show(serveHelp) }
            if rest.contains("--version") { return .show("orrery \(version)") }
            return .serve(try ServeOptions(arguments: rest, environment: environment))
        case "keys", "roles":
            if arguments.contains("--help") || arguments.contains("-h") || arguments.count == 1 { return .show(help) }
            return .control(try ControlCommand(arguments: arguments, environment: environment))
        case "handlers":
            if arguments.contains("--help") || arguments.contains("-h") || arguments.count == 1 {
                return .show(HandlerCommand.help)
            }
            let rest = Array(arguments.dropFirst())
            return .handlers(try HandlerCommand(arguments: rest, environment: environment))
        default:
            throw UsageError("unknown command '\(first)'; see orrery --help")
        }
    }

    private static let help = """
        orrery - a Cosmos DB-compatible document database server

        usage: orrery serve [options]             run the server; orrery serve --help lists the options
               orrery keys list                   show the account's keys
               orrery keys regenerate KIND        make a key anew: primary, secondary, primaryReadonly or
                                                  secondaryReadonly; the old one is refused from then on
               orrery roles list                  show who may do what with tokens of the identity provider
               orrery roles assign ROLE --principal ID [--scope /dbs/DATABASE[/colls/CONTAINER]]
                                                  give a role: reader or contributor
               orrery roles revoke ID             take an assignment back
               orrery handlers list               show how far handlers of changes are; orrery handlers --help lists
                                                  what else can be done with them
               orrery --version                   print the version

        keys and roles take --data DIR (default ./data), and work whether or not a server has it open.
        """

    private static let serveHelp = """
        usage: orrery serve [options]

        \(ServeOption.help)

        A secret need not be written out: KEY may be file:PATH, env:NAME or credential:NAME (systemd's LoadCredential=).
        Every option can also be given as a variable: ORRERY_PORT for --port, ORRERY_KEY_FILE for --key-file.
        """
}
