// Writes the gates of a network's first CBAM block as CSV: a column for each channel, a row for each picture.
// usage: gates MODEL.onnx PICTURE…
import Onyx

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else { fatalError("usage: gates MODEL.onnx PICTURE…") }

let model = try Model(path: arguments[0])
guard let block = try model.attentionBlocks().first(where: { $0.kind == "CBAM" }), let gate = block.gate else {
  fatalError("\(arguments[0]) has no CBAM block whose gates have a name.")
}
let session = try Session(model)
let input = session.inputs[0].name

for (row, path) in arguments.dropFirst().enumerated() {
  let image = try Tensor(imageFile: path, options: ImageOptions(for: session.inputs[0]))
  guard let gates = try session.run([input: image], fetching: [gate])[gate]?.elements(as: Float.self) else { continue }
  if row == 0 { print(gates.indices.map { "c\($0)" }.joined(separator: ",")) }
  print(gates.map { "\(($0 * 1000).rounded() / 1000)" }.joined(separator: ","))
}
