// Says what pictures show: the three likeliest labels of each.
// usage: classify MODEL.onnx LABELS.txt PICTURE…
import Foundation
import Onyx

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 3 else { fatalError("usage: classify MODEL.onnx LABELS.txt PICTURE…") }

let session = try Session(path: arguments[0])
let labels = try String(contentsOfFile: arguments[1], encoding: .utf8).split(separator: "\n")

for path in arguments[2...] {
  let image = try Tensor(imageFile: path, options: ImageOptions(for: session.inputs[0]))
  guard let logits = try session.run(["image": image])["logits"] else { continue }
  let best = try logits.softmax().topK(3)
  let shares = try best.values.elements(as: Float.self)
  for (index, share) in zip(try best.indices.elements(as: Int64.self), shares) {
    print(labels[Int(index)], "\((share * 1000).rounded() / 10) %")
  }
}
