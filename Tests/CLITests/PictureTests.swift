import Foundation
import OnyxFiles
import OnyxImages
import OnyxTensor
import OnyxTestSupport
import Testing

/// Any picture for any model: sizes, types, orders of axes, batches.
@Suite struct PictureTests {
  private static let digits = "digits/model.onnx"
  private static let seven = "digits/samples/digit-7-1314.png"
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// y = x for an input of a fixed shape; ONNX's numbers of types: 1 float32, 2 uint8, 3 int8, 10 float16.
  private func identity(_ name: String, _ shape: [Int64], type: Int64 = 1) throws -> String {
    let dims = shape.map { $0 < 0 ? Wire.text(2, "n") : Wire.int(1, $0) }
    return try folder.write(
      Onnx.model(
        Onnx.graph(
          nodes: [Onnx.node("Identity", ["x"], ["y"])], inputs: [], outputs: [], Wire.data(11, Onnx.value("x", type: type, dims: dims)),
          Wire.data(12, Onnx.value("y", type: type, dims: dims)))), to: name)
  }

  /// Columns of different colors, brighter from row to row.
  private static func pixels(_ width: Int, _ height: Int) -> Pixels {
    var bytes: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width { bytes += [UInt8(x * 200 / width), UInt8(y * 200 / height), (x + y) % 2 == 0 ? 0 : 255] }
    }
    return Pixels(width: width, height: height, channels: 3, bytes: bytes)
  }

  private func picture(_ name: String, _ width: Int, _ height: Int) throws -> String {
    try folder.write(try Codecs.encodePNG(Self.pixels(width, height)), to: name)
  }

  private func output(_ arguments: String...) throws -> (tensor: Tensor, messages: String) {
    let result = try onyx(["run"] + arguments + ["--output-dir", folder.path("out")])
    #expect(result.exitCode == 0, "\(result.standardError)")
    return (try #require(try TensorFile.read(folder.path("out/y.npy")).first).tensor, result.standardError)
  }

  @Test(arguments: [(60, 40), (40, 60), (10, 7), (24, 16)]) func everySizeFits(_ width: Int, _ height: Int) throws {
    let model = try identity("planar.onnx", [1, 3, 16, 24])
    let file = try picture("photo.png", width, height)
    let (tensor, messages) = try output(model, "--input", file)
    let options = ImageOptions(scale: 1 / 255, geometry: .filling(.init(width: 24, height: 16)))
    #expect(try tensor.elements(as: Float.self) == ImageTensor.make(Self.pixels(width, height), options).elements(as: Float.self))
    let note =
      "note: '\(file)', \(width) × \(height) pixels, resized and cropped to 24 × 16; "
      + "--preprocess, --resize, --crop and --letterbox change that.\n"
    #expect(messages == (width == 24 ? "" : note))
  }

  @Test func presetsAndFlags() throws {
    let model = try identity("planar.onnx", [1, 3, 16, 16])
    let file = try picture("photo.png", 60, 40)
    func expect(_ flags: [String], _ options: ImageOptions, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let result = try onyx(["run", model, "--input", file, "--output-dir", folder.path("out")] + flags)
      #expect(result.exitCode == 0 && result.standardError == "", "\(result)", sourceLocation: sourceLocation)
      let tensor = try #require(try TensorFile.read(folder.path("out/y.npy")).first).tensor
      let wanted = try ImageTensor.make(Self.pixels(60, 40), options)
      #expect(try tensor.elements(as: Float.self) == wanted.elements(as: Float.self), "\(flags)", sourceLocation: sourceLocation)
    }
    let side = ImageGeometry.Size(width: 16, height: 16)
    let (mean, std) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    let imagenet = ImageGeometry(resize: .shorterSide(18), crop: side)
    try expect(["--preprocess", "imagenet"], ImageOptions(mean: mean, std: std, scale: 1 / 255, geometry: imagenet))
    try expect(
      ["--preprocess", "imagenet", "--mean", "0", "--std", "1", "--interpolation", "lanczos"],
      ImageOptions(scale: 1 / 255, geometry: ImageGeometry(resize: .shorterSide(18), crop: side, interpolation: .lanczos)))
    try expect(
      ["--preprocess", "yolo"], ImageOptions(scale: 1 / 255, geometry: ImageGeometry(resize: .letterbox(side), antialias: false)))
    try expect(["--letterbox"], ImageOptions(scale: 1 / 255, geometry: ImageGeometry(resize: .letterbox(side))))
    try expect(
      ["--resize", "20", "--no-antialias"],
      ImageOptions(scale: 1 / 255, geometry: ImageGeometry(resize: .shorterSide(20), crop: side, antialias: false)))
    try expect(["--resize", "16x16"], ImageOptions(scale: 1 / 255, geometry: ImageGeometry(resize: .exact(side))))
    try expect(["--crop", "16"], ImageOptions(scale: 1 / 255, geometry: ImageGeometry(crop: side)))
    // What stands beside a model of Hugging Face, by its path or its folder.
    let text = #"{"do_resize": true, "size": {"height": 16, "width": 16}, "resample": 3, "image_mean": [0.5], "image_std": [0.5]}"#
    let configuration = try folder.write(Array(text.utf8), to: "preprocessor_config.json")
    for path in [configuration, folder.path] {
      try expect(
        ["--preprocess", path],
        ImageOptions(
          mean: [0.5], std: [0.5], scale: 1 / 255, geometry: ImageGeometry(resize: .exact(side), interpolation: .bicubic)))
    }
    let broken = try folder.write(Array("{}".utf8), to: "broken.json")
    #expect(try onyx("run", model, "--input", file, "--preprocess", broken).exitCode == 65)
    // As it is, it does not suit the model.
    #expect(try onyx("run", model, "--input", file, "--preprocess", "none").exitCode == 64)
  }

  @Test func otherTypesAndAxes() throws {
    let file = try picture("photo.png", 24, 16)
    let source = Self.pixels(24, 16)
    for (shape, isPlanar) in [([1, 16, 24, 3], false), ([16, 24, 3], false), ([3, 16, 24], true)] as [([Int64], Bool)] {
      let tensor = try output(try identity("bytes.onnx", shape, type: 2), "--input", file).tensor
      #expect(tensor.shape.dimensions == shape.map { Int($0) })
      let planar = (0..<3).flatMap { channel in stride(from: channel, to: source.bytes.count, by: 3).map { source.bytes[$0] } }
      #expect(try tensor.elements(as: UInt8.self) == (isPlanar ? planar : source.bytes))
    }
    let halves = try output(try identity("halves.onnx", [1, 16, 24, 3], type: 10), "--input", file).tensor
    #expect(halves.elementType == .float16)
    let numbers = try halves.converted(to: .float32).elements(as: Float.self)
    #expect(zip(numbers, source.bytes).allSatisfy { abs($0 - Float($1) / 255) < 5e-4 })
    let signed = try output(try identity("signed.onnx", [1, 16, 24, 3], type: 3), "--input", file, "--mean", "128").tensor
    #expect(try signed.elements(as: Int8.self) == source.bytes.map { Int8(Int($0) - 128) })
  }

  @Test func sizesOfOpenDimensions() throws {
    let file = try picture("photo.png", 24, 16)
    let (tensor, _) = try output(try identity("open.onnx", [1, 3, -1, -1]), "--input", file, "--dim", "n=8")
    #expect(tensor.shape == [1, 3, 8, 8])
  }

  @Test func severalPicturesAreABatch() throws {
    let first = try onyx("run", Self.digits, "--input", "digits/samples/digit-[01]-*.png", "--top", "1", "--labels", "digits/labels.txt")
    let words = first.standardOutput.split(separator: "\n").map { $0.split(separator: " ")[0] }
    #expect(words.count >= 4 && words.count % 2 == 0 && first.exitCode == 0 && first.standardError == "", "\(first)")
    for index in stride(from: 0, to: words.count, by: 2) {
      // The name of a sample has its label.
      #expect(words[index].hasPrefix("digits/samples/digit-\(words[index + 1])-"), "\(first.standardOutput)")
    }
    // The same as a shell writes it, and as several flags.
    let files = stride(from: 0, to: words.count, by: 2).map { String(words[$0]) }
    let top = ["--top", "1", "--labels", "digits/labels.txt"]
    #expect(try onyx(["run", Self.digits, "--input"] + files + top).standardOutput == first.standardOutput)
    #expect(try onyx(["run", Self.digits] + files.flatMap { ["--input", $0] } + top).standardOutput == first.standardOutput)
    let one = try identity("one.onnx", [1, 1, 28, 28])
    expectError(
      try onyx(["run", one, "--input"] + files.prefix(2)), 64,
      "error: The input 'x' takes 1 image at a time; 2 were given.\n"
        + "  Run the model once for each, or export it with a dynamic batch.\n")
  }

  @Test func aFixedBatchIsFilled() throws {
    let model = try identity("four.onnx", [4, 3, 16, 24])
    let files = [try picture("a.png", 24, 16), try picture("b.png", 24, 16)]
    let result = try output(model, "--input", files[0], "--input", files[1])
    #expect(result.messages == "note: 'x' takes 4 images; the last one given stands for those that are missing.\n")
    let single = try ImageTensor.make(Self.pixels(24, 16), ImageOptions(scale: 1 / 255)).elements(as: Float.self)
    #expect(try result.tensor.elements(as: Float.self) == single + single + single + single)
    // Classes are those of what was given.
    let scores = try identity("scores.onnx", [4, 3, 1, 1])
    let one = try onyx("run", scores, "--input", files[0], "--top", "1").standardOutput
    #expect(one.split(separator: "\n").count == 1)
    let two = try onyx("run", scores, "--input", files[0], "--input", files[1], "--top", "1").standardOutput.split(separator: "\n")
    #expect(two.count == 4 && two[0] == files[0] && two[2] == files[1])
  }

  @Test func masksHaveNoClasses() throws {
    let model = try identity("mask.onnx", [1, 3, 16, 24])
    expectError(
      try onyx("run", model, "--input", try picture("photo.png", 24, 16), "--top", "3"), 64,
      "error: --top needs floating scores [classes] or [batch,classes]; the first output is float32[1,3,16,24].\n"
        + "  Leave --top out to see its numbers.\n")
    let ones = try identity("ones.onnx", [2, 3, 1, 1])
    #expect(try onyx("run", ones, "--top", "1").standardOutput.split(separator: "\n").count == 4)
  }
}
