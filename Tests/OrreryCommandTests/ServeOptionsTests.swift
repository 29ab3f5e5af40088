import OrreryTelemetry
import Testing

@testable import OrreryCommand

@Suite struct ServeOptionsTests {
    private func options(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws(UsageError) -> ServeOptions {
        try ServeOptions(arguments: arguments, environment: environment)
    }

    @Test func defaultsAreForOnesOwnMachine() throws {
        let options = try options([])
        #expect(options.host == "127.0.0.1")
        #expect(options.port == 8081)
        #expect(options.key == .published)
        #expect(options.durability == .strict)
        #expect(options.tls == .off)
        #expect(options.logLevel == .info)
        #expect(!options.isEphemeral)
    }

    @Test func everyOptionIsRead() throws {
        let options = try options([
            "--data", "/srv/data", "--ephemeral", "--host=0.0.0.0", "--port=9000", "--key", "AAAA", "--durability",
            "relaxed", "--tls-certificate", "c.pem", "--tls-key", "k.pem", "--advertise", "https://example.org",
            "--log-level", "debug", "--enforce-throughput",
        ])
        #expect(options.dataDirectory == "/srv/data")
        #expect(options.isEphemeral)
        #expect(options.host == "0.0.0.0")
        #expect(options.port == 9000)
        #expect(options.key == .secret(.literal("AAAA")))
        #expect(options.durability == .relaxed)
        #expect(options.tls == .files(certificate: "c.pem", key: "k.pem"))
        #expect(options.advertisedEndpoint == "https://example.org")
        #expect(options.logLevel == .debug)
        #expect(options.enforcesThroughput)
    }

    @Test func theEnvironmentSaysWhatTheArgumentsLeaveOut() throws {
        let environment = [
            "ORRERY_PORT": "9000", "ORRERY_KEY_FILE": "key", "ORRERY_EPHEMERAL": "true", "ORRERY_TLS_SELF_SIGNED": "no",
        ]
        let options = try options(["--port", "9001"], environment)
        #expect(options.port == 9001)
        #expect(options.key == .secret(.file("key")))
        #expect(options.isEphemeral)
        #expect(options.tls == .off)
    }

    @Test(arguments: [
        ["--nonsense"], ["data"], ["--port"], ["--port", "65536"], ["--port", "http"], ["--port", "1", "--port", "2"],
        ["--durability", "sometimes"], ["--ephemeral=yes"], ["--tls-key", "k"], ["--tls-certificate", "c"],
        ["--tls-self-signed", "--tls-key", "k", "--tls-certificate", "c"], ["--key", "AAAA", "--key-file", "f"],
        ["--advertise", "example.org"], ["--log-level", "loud"], ["--data", ""],
    ])
    func badOptionsAreNamed(_ arguments: [String]) {
        let error = #expect(throws: UsageError.self) { _ = try options(arguments) }
        #expect(error?.message.contains("\n") == false)
    }

    @Test(arguments: ["0.0.0.0", "::", "192.0.2.1", "example.org", "127.example.org"])
    func otherMachinesNeedAKey(_ host: String) throws {
        #expect(throws: UsageError.self) { _ = try options(["--host", host]) }
        #expect(try options(["--host", host, "--key", "AAAA"]).host == host)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "::1"])
    func thisMachineNeedsNone(_ host: String) throws {
        #expect(try options(["--host", host]).host == host)
    }

    @Test func anUnknownCommandIsNamed() throws {
        #expect(throws: UsageError("unknown command 'sevre'; see orrery --help")) {
            _ = try Command.request(arguments: ["sevre"], environment: [:])
        }
        let request = try Command.request(arguments: ["serve", "--help"], environment: [:])
        guard case .show(let help) = request else {
            Issue.record("serve --help is not help")
            return
        }
        for option in ServeOption.allCases { #expect(help.contains("--\(option.rawValue)")) }
    }
}

@Suite struct StartBannerTests {
    @Test func aKeyOfOnesOwnIsNeverShown() throws {
        let options = try ServeOptions(arguments: ["--key", "c2VjcmV0"], environment: [:])
        let text = StartBanner(endpoint: "http://127.0.0.1:8081/", options: options, usesPublishedKey: false).text
        #expect(!text.contains("c2VjcmV0"))
        #expect(text.contains("$ORRERY_KEY"))
    }
}
