import Orrery

// A freight exchange: carriers, shippers and people of the house, each with limits of their own, over one container of
// loads. A reference to the secret of the house's tokens may be given.
//
//     swift run FreightExample env:FREIGHT_SECRET

let configuration = AppConfiguration.fromEnvironment()
try FreightHandlers.prepare(configuration.directory)
let app = App(configuration: configuration)
FreightHandlers.register(on: app)
FreightGateway.configure(app, tokenSecret: CommandLine.arguments.dropFirst().first)
try await app.run()
