import Foundation
import Onyx
import OnyxFiles
import OnyxProto
import OnyxTensor
import OnyxTestSupport

/// Files of tensors, pictures and recipes of pictures whose bytes were changed, into every reader.
package final class TensorFiles: FuzzTarget {
  package static let name = "tensor-files"

  /// What the first byte of an input says: how its file's name ends, for what has no signature.
  private static let endings = ["pb", "json", "recipe", "value"]
  private var seeds: [[UInt8]] = []

  package init() throws {
    let archive = Repository.root.appending(path: "Tests/OnyxFuzzingTests/seeds.npz").path(percentEncoded: false)
    for (name, tensor) in try Npz.decode(try FileBytes.read(archive)[...]) {
      let ending = String(name.split(separator: ".").last ?? "")
      seeds.append([UInt8(Self.endings.firstIndex(of: ending) ?? 0)] + (try tensor.elements(as: UInt8.self)))
    }
    for (number, type) in ElementType.allCases.enumerated() {
      let tensor = try Tensor.random(type, [2, 3], in: -3...3, seed: UInt64(number))
      seeds.append([0] + (try TensorMessage.encode(tensor, name: "t")))
      seeds.append([0] + (try Npy.encode(tensor)))
      seeds.append([1] + (try JSONTensor.encode([("t", tensor)])))
      seeds.append([0] + (try Npz.encode([("a", tensor), ("b", tensor)], compressed: number % 2 == 0)))
      seeds.append([3] + (try ValueMessage.encode(.sequence(of: .tensor(type), [.tensor(tensor), .tensor(tensor)]))))
    }
    guard seeds.count > 100 else { throw Finding("\(archive) has too few files.") }
  }

  package func input(_ generator: inout SeededGenerator) -> [UInt8] {
    var mutator = ByteMutator(generator)
    defer { generator = mutator.generator }
    let seed = mutator.pick(seeds)
    let content = mutator.mutated(Array(seed.dropFirst()), others: seeds)
    // One reader now and then gets what another one reads.
    let ending = mutator.below(50) == 0 ? UInt8(mutator.below(Self.endings.count)) : seed[0]
    return [ending] + (mutator.below(4) == 0 ? content : Checksums.repaired(content))
  }

  package func run(_ input: [UInt8]) throws(Finding) -> Bool {
    guard let first = input.first else { return false }
    let content = Array(input.dropFirst())
    switch Self.endings[Int(first) % Self.endings.count] {
    case "recipe":
      guard let recipe = try refused({ () throws(OnyxError) in try ImageRecipe(configuration: content) }) else { return false }
      _ = (recipe.geometry(for: nil), recipe.geometry(for: ImageGeometry.Size(width: 5, height: 9)))
      return true
    case "value":
      let kinds: [ValueKind] = [.sequence(.tensor(.float32)), .optional(.tensor(.int64)), .map(key: .string, value: .tensor(.float32))]
      var isGood = false
      for kind in kinds where try refused({ () throws(OnyxError) in try ValueMessage.decode(ByteSlice(copying: content), as: kind) }) != nil
      {
        isGood = true
      }
      return isGood
    case let ending: return try read(content, ending)
    }
  }

  private func read(_ content: [UInt8], _ ending: String) throws(Finding) -> Bool {
    switch TensorFile.format(of: content, path: "file.\(ending)") {
    case nil: return false
    case .image:
      let number = content.count
      let size = ImageGeometry.Size(width: 1 + number % 37, height: 1 + number % 29)
      let resizes: [ImageGeometry.Resize] = [.none, .exact(size), .cover(size), .letterbox(size), .shorterSide(1 + number % 41)]
      let interpolation = ImageGeometry.Interpolation.allCases[number % 5]
      let options = ImageOptions(
        layout: number % 2 == 0 ? .nchw : .nhwc, channels: [1, 3, 4][number % 3],
        geometry: ImageGeometry(resize: resizes[number / 5 % 5], crop: number % 7 == 0 ? size : nil, interpolation: interpolation))
      return try refused { () throws(OnyxError) in try Tensor(image: content, options: options) } != nil
    case .npy:
      guard let tensor = try refused({ () throws(OnyxError) in try Npy.decode(content[...]) }) else { return false }
      try expectSame(tensor, "npy") { () throws(OnyxError) in try Npy.decode(try Npy.encode(tensor)[...]) }
    case .npz: return try refused { () throws(OnyxError) in try Npz.decode(content[...]) } != nil
    case .json: return try refused { () throws(OnyxError) in try JSONForms.decode(content[...]) } != nil
    case .pb:
      let tensor = try refused { () throws(OnyxError) in try TensorMessage.decode(ByteSlice(copying: content)).tensor }
      guard let tensor else { return false }
      try expectSame(tensor, "pb") { () throws(OnyxError) in
        try TensorMessage.decode(ByteSlice(copying: try TensorMessage.encode(tensor, name: ""))).tensor
      }
    }
    return true
  }

  /// What was read is the same after it was written and read again.
  private func expectSame(_ tensor: Tensor, _ format: String, _ again: () throws(OnyxError) -> Tensor) throws(Finding) {
    // NumPy's strings lose zeros at their ends.
    guard tensor.elementCount <= 1 << 16, tensor.elementType != .string else { return }
    let copy: Tensor
    do throws(OnyxError) { copy = try again() } catch {
      throw Finding("\(tensor.typeDescription) was read but not written as \(format): \(error)")
    }
    guard copy.hasEqualBits(to: tensor) else { throw Finding("\(tensor) is \(copy) after it was written as \(format).") }
  }

  package func learn(_ input: [UInt8]) { if seeds.count < 20000 { seeds.append(input) } }

  package func file(_ input: [UInt8]) -> (bytes: [UInt8], ending: String) {
    let content = Array(input.dropFirst())
    let ending = Self.endings[Int(input.first ?? 0) % Self.endings.count]
    return (content, TensorFile.format(of: content, path: "file.\(ending)")?.name ?? ending)
  }

  package func reductions(of input: [UInt8]) -> [[UInt8]] { bytewise(Array(input.dropFirst())).map { [input[0]] + $0 } }
}
