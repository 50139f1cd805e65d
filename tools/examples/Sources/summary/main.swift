// Prints what a model consists of as JSON: nodes with shapes and costs, modules, attention blocks, totals.
// usage: summary MODEL.onnx [DIMENSION=SIZE…]
import Foundation
import Onyx

let arguments = Array(CommandLine.arguments.dropFirst())
guard let path = arguments.first else { fatalError("usage: summary MODEL.onnx [DIMENSION=SIZE…]") }

var dimensions: [String: Int] = [:]
for argument in arguments.dropFirst() {
  let parts = argument.split(separator: "=")
  guard parts.count == 2, let size = Int(parts[1]) else { fatalError("'\(argument)' is not of the form DIMENSION=SIZE.") }
  dimensions[String(parts[0])] = size
}

let encoder = JSONEncoder()
encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
let summary = try Model(path: path).summary(dimensions: dimensions)
print(String(decoding: try encoder.encode(summary), as: UTF8.self))
