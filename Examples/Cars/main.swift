import Orrery

// Cars that send what they measure: an engine that is too hot is an alert, and the car's record shows it.
//
//     swift run CarsExample

let app = App(configuration: .fromEnvironment())
CarHandlers.register(on: app)
try await app.run()
