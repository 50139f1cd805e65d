// Runs a model on noise and prints the median time of a run in milliseconds.
// usage: timing MODEL.onnx RUNS
import Onyx

let arguments = CommandLine.arguments
guard arguments.count == 3, let runs = Int(arguments[2]), runs > 0 else { fatalError("usage: timing MODEL.onnx RUNS") }

let session = try Session(path: arguments[1])
guard let input = session.inputs.first, let shape = input.shape else { fatalError("The model has no input of known rank.") }
let sizes = shape.map { Int($0.description) ?? 1 }
var generator = SystemRandomNumberGenerator()
let noise = (0..<sizes.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) }
let inputs = [input.name: try Tensor(noise, shape: Shape(sizes))]

for _ in 0..<3 { _ = try session.run(inputs) }
let times = try (0..<runs).map { _ in try ContinuousClock().measure { _ = try session.run(inputs) } }.sorted()
print(times[runs / 2] / .milliseconds(1))
