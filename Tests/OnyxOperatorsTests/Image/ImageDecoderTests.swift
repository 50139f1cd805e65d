import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// ImageDecoder. Files and expected samples: Pillow 13, `convert("RGB")` and then `convert("L")`.
struct ImageDecoderTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let height: Int
    let width: Int
    let file: String
    let rgb: [Int64]
    let gray: [Int64]

    init(_ label: String, _ size: [Int], _ file: String, rgb: [Int64], gray: [Int64]) {
      testDescription = label
      (height, width) = (size[0], size[1])
      self.file = file
      self.rgb = rgb
      self.gray = gray
    }
  }

  static let rows: [Row] = [
    Row(
      "PNG", [2, 3],
      "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAHUlEQVR4nGPImvGzeccJBtG/LJpGRWn35YWS7gEAXEgImBJKSVcAAAAASUVORK5CYII=",
      rgb: [106, 152, 249, 131, 184, 200, 0, 21, 253, 147, 202, 107, 249, 169, 138, 149, 119, 166],
      gray: [149, 170, 41, 175, 189, 133]),
    Row(
      "PNG with alpha", [2, 2],
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAG0lEQVR4nGN8MGVN7PFfPntZCt1ePd341CUdAF3UChRZzlfuAAAAAElFTkSuQmCC",
      rgb: [224, 148, 172, 167, 142, 248, 81, 218, 150, 2, 191, 60],
      gray: [173, 162, 169, 120]),
    Row(
      "gray PNG", [2, 3],
      "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAEElEQVR4nGPcvPw1y1YRdgAP1AMbkPdgHgAAAABJRU5ErkJggg==",
      rgb: [179, 179, 179, 90, 90, 90, 69, 69, 69, 104, 104, 104, 110, 110, 110, 97, 97, 97],
      gray: [179, 90, 69, 104, 110, 97]),
    Row(
      "WebP", [2, 3],
      "UklGRkoAAABXRUJQVlA4TD4AAAAvAkAAAC9AEEBCEUDO+z3BPEQCJPzhsQetVhtBtg3TgIZ0lEMd5Mn8B3weZj6tqAWFbCPAoXsFjuUi+h/HCg==",
      rgb: [106, 152, 249, 131, 184, 200, 0, 21, 253, 147, 202, 107, 249, 169, 138, 149, 119, 166],
      gray: [149, 170, 41, 175, 189, 133]),
    Row(
      "TIFF", [2, 3],
      """
      SUkqACAAAACAGpMPlBrhkAAKv1Jso1vlUopKndTQEAAKAAABAwABAAAAAwAAAAEBAwABAAAAAgAAAAIBAwADAAAAngAAAAMBAwABAAAABQAAAAYBAwABAAAAAgAAABEB\
      BAABAAAACAAAABUBAwABAAAAAwAAABYBAwABAAAAAgAAABcBBAABAAAAFwAAABwBAwABAAAAAQAAAAAAAAAIAAgACAA=
      """,
      rgb: [106, 152, 249, 131, 184, 200, 0, 21, 253, 147, 202, 107, 249, 169, 138, 149, 119, 166],
      gray: [149, 170, 41, 175, 189, 133]),
    Row(
      "JPEG 2000", [2, 3],
      """
      /0//UQAvAAAAAAADAAAAAgAAAAAAAAAAAAAAAwAAAAIAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAEAAQQEAAH/XAAHQEBISFD/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5K\
      UEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAABPAAH/k8fUBgQyD8+0DAQ3J8+0DAreD8faBT8AOB84EAMbC072A8PqAofUBw+0CAFfCyBnBcvB84KPtA4PqAgIfwW+FwGP\
      /9k=
      """,
      rgb: [106, 152, 249, 131, 184, 200, 0, 21, 253, 147, 202, 107, 249, 169, 138, 149, 119, 166],
      gray: [149, 170, 41, 175, 189, 133]),
    Row(
      "PPM", [2, 3],
      "UDYKMyAyCjI1NQpqmPmDuMgAFf2Tymv5qYqVd6Y=",
      rgb: [106, 152, 249, 131, 184, 200, 0, 21, 253, 147, 202, 107, 249, 169, 138, 149, 119, 166],
      gray: [149, 170, 41, 175, 189, 133]),
    Row(
      "palette PNG", [2, 3],
      """
      iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAMAAACqqpYoAAADAFBMVEWpiWsy3Upp5acw1nA11C1bOtWx0plg2yqLnaZDb6kL0cmhpWEmfapFHirMZnb5aK27KFRsx5l8\
      a5LPJqYEeXbbnvByrJX8ULY8bgnAHTKRypEaCIRDFxkLacqGgGsVt3aojqdSQEnAarzodyzc/7rzS2WGXCwM/+S8Kc3pR/LGgxmafZJcJj2yikVhQ2NxpC48YDsM2ab8\
      fC8GzeHU1nYDQ7iQ8lyWAMeMiVmZtjKkus7v5EpvvreNjnxsmF1/dK0xPwjn4SOIQICwYhVQw9Fh4SuHx/kZyYmRkOlMGLo+olKPVYzY6gOjR/JPPiZqdCDMeOYJhg54\
      qeYW+vOd6gUZuZWlJqAFaK/MVzJDsOidZH2uKZrcBHqU/7zFNIgAuR+8ujKsxokh5gQX8R7f7PEUp0AoOZ2HGtFJqrlM4RACbi0+GBlNAajN65KzUlMiNWR//G2umEJc\
      EAnIIXecPAyLcE1Odr6tR5291pNeZjLGVkRtFRfqPRzlTFBgYu7IJ9hIWEsON5JifRRYN1zQ1gZaSzQ789bSn0GIuZENO4lRngGozlXMjKnJBFxDch8wnSq+MelTpPnS\
      yoNg6CVjaaNJXYXA6cVjSeem/Sfpj4qGmFAP26dh6q4VLGTd6o2/6olBSLyiaXOE7Kaje0u0F/q1u9GIJQSByltVJcjBHt2U5rb99SjrgYp5W6mucd8OKPamKTqtYXZ/\
      hmG/XZ9WypXf0d8tyP1XE8uRye+C+GkkJR1xTa9ZL/KQhwkGxcElV15j6lOBv9DXAxb3JOccsML5Lf/TKpZqHzXvzFiTuuekEojDAgGaMyfiOhdi/nN1pCxJ+cShBohP\
      UFVMNiJxr3pF8NjOazjcYF7bZZV8LWjrKdjiclTwlHCxZ1BQMJoXtkxo8wLAhOKLWDq9/7rRKfmoPy4RiCKzHURRo5sneL/VTAsQs95bz8bLEIWCrdzA0lo03GhoSP2m\
      +joL4DqRmrUPoOPRPz4PJsuMR218TwjrMI6qwJ2JRBVgaMHWlLTa8eK1VnP6AAAAEElEQVR4nGNgZmJmYGJkAgAAQgAObA+5mAAAAABJRU5ErkJggg==
      """,
      rgb: [48, 214, 112, 105, 229, 167, 48, 214, 112, 105, 229, 167, 50, 221, 74, 105, 229, 167],
      gray: [153, 185, 153, 185, 153, 185]),
    Row(
      "PNG of 16 bits", [1, 2],
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAIAAAAr0DSeAAAAFUlEQVR4nGNgYGD4z8jw/7+QScN/ABbkBMSoC8KcAAAAAElFTkSuQmCC",
      rgb: [0, 0, 1, 255, 18, 128],
      gray: [0, 101]),
  ]

  @Test(arguments: rows) func decodes(_ row: Row) throws {
    let file = try Tensor(base64(row.file))
    let shape = try Shape([row.height, row.width, 3])
    let bgr = row.rgb.indices.map { row.rgb[$0 / 3 * 3 + 2 - $0 % 3] }
    try expect(file, gives: ints(.uint8, row.rgb, shape))
    try expect(file, "BGR", gives: ints(.uint8, bgr, shape))
    try expect(file, "Grayscale", gives: ints(.uint8, row.gray, try Shape([row.height, row.width, 1])))
  }

  private func expect(_ file: Tensor, _ format: String? = nil, gives image: Tensor) throws {
    let attributes = format.map { ["pixel_format": Attribute.text($0)] } ?? [:]
    expectClose(try evaluate("ImageDecoder", [file], attributes: attributes, dataDependent: true)[0], image, format ?? "RGB")
  }

  /// Models are inferred many times while they are loaded, before any budget counts.
  @Test func inferenceDecodesNothing() throws {
    let node = Node(
      name: "tested", op: OperatorName("ImageDecoder"), opset: Catalog.newestOpset, inputs: [ValueID(0)], outputs: [ValueID(1)],
      attributes: [:])
    let tooLarge = try Tensor(Array("P6 1000000 1000000 255\n".utf8))
    let context = InferenceContext(inputs: [Inferred(constant: tooLarge)], outputCount: 1, symbolPrefix: "tested")
    let shape = try #require(try Catalog.makeTensorOperator(node).infer(context)[0].shape)
    #expect(shape.map(\.known) == [nil, nil, 3])
  }

  /// By the standard's text.
  @Test func brokenFilesGiveAnEmptyImage() throws {
    let png = base64(Self.rows[0].file)
    for bytes in [[], [1, 2, 3], Array(png.dropLast(20)), Array("P6 2 2 255\n".utf8), Array("BM".utf8)] {
      try expect(Tensor(bytes), gives: ints(.uint8, [], [0, 0, 3]))
    }
    try expect(Tensor([UInt8(7)]), "Grayscale", gives: ints(.uint8, [], [0, 0, 1]))
  }

  static let refusals: [FailureCase] = [
    FailureCase("ImageDecoder", [ints(.uint8, [1, 2], [1, 2])], says: "rank 2"),
    FailureCase("ImageDecoder", [ints(.uint8, [1])], ["pixel_format": .text("rgb")], says: "'rgb'"),
    FailureCase("ImageDecoder", [ints(.int8, [1])], says: "does not allow"),
    FailureCase(
      "ImageDecoder", [ints(.uint8, "P6 1000000 1000000 255\n".utf8.map { Int64($0) })], code: .budgetExceeded, says: "too large"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
