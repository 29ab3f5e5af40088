import Glibc

// The `orrery` command: reads its command line, and runs what it asks for.

/// Ends the command with one line on standard error.
func fail(_ error: UsageError, status: Int32) -> Never {
    Console.complain("orrery: \(error.message)\n")
    exit(status)
}

do throws(UsageError) {
    let request = try Command.request(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessEnvironment.variables)
    switch request {
    case .show(let text):
        Console.show(text + "\n")
    case .control(let command):
        do throws(UsageError) { Console.show(try command.run() + "\n") } catch { fail(error, status: 1) }
    case .handlers(let command):
        do throws(UsageError) { Console.show(try command.run() + "\n") } catch { fail(error, status: 1) }
    case .serve(let options):
        let openFilesMax = OpenFileLimit.raise()
        ThreadScheduling.letOthersFinish()
        var stop = StopSignal()
        let server: Server
        do throws(UsageError) {
            server = try Server(options, openFilesMax: openFilesMax)
        } catch {
            fail(error, status: 1)
        }
        server.run(until: &stop)
    }
} catch {
    fail(error, status: 2)
}
