import Foundation
import Onyx
import OnyxTestSupport
import Testing

/// Presets, and what training frameworks write beside a model, for inputs of every size and type.
struct ImagePresetTests {
  private static func input(_ shape: [Any], type: String = "float32") throws -> TensorSpecification {
    let object: [String: Any] = ["name": "x", "type": type, "shape": shape]
    return try JSONDecoder().decode(TensorSpecification.self, from: JSONSerialization.data(withJSONObject: object))
  }

  private static func square(_ side: Int) -> ImageGeometry.Size { ImageGeometry.Size(width: side, height: side) }

  private static func crop(_ shorter: Int, _ side: Int, _ interpolation: ImageGeometry.Interpolation) -> ImageGeometry {
    ImageGeometry(resize: .shorterSide(shorter), crop: square(side), interpolation: interpolation)
  }

  /// The sizes of torchvision's ImageNet evaluation (256 for 224), of CLIP and of Ultralytics.
  @Test func presets() throws {
    let fixed = try Self.input([1, 3, 224, 224])
    let imagenet = ImageOptions(for: fixed, preset: .imagenet)
    #expect(imagenet.geometry == Self.crop(256, 224, .bilinear))
    #expect(imagenet.mean == [0.485, 0.456, 0.406] && imagenet.std == [0.229, 0.224, 0.225] && imagenet.scale == 1 / 255)
    #expect(ImageOptions(for: fixed, preset: .imagenetBicubic).geometry == Self.crop(256, 224, .bicubic))
    let large = try Self.input([1, 299, 299, 3])
    #expect(ImageOptions(for: large, preset: .imagenet).geometry == Self.crop(342, 299, .bilinear))
    #expect(ImageOptions(for: large, preset: .imagenet).layout == .nhwc)
    #expect(ImageOptions(for: fixed, preset: .clip).geometry == Self.crop(224, 224, .bicubic))
    #expect(ImageOptions(for: fixed, preset: .clip).mean[0] == 0.48145466)
    let open = try Self.input(["n", 3, "h", "w"])
    #expect(ImageOptions(for: open, preset: .imagenet).geometry == Self.crop(256, 224, .bilinear))
    let yolo = ImageOptions(for: open, preset: .yolo)
    #expect(yolo.geometry == ImageGeometry(resize: .letterbox(Self.square(640)), antialias: false) && yolo.mean == [0])
    let wide = try Self.input([1, 3, 384, 640])
    #expect(ImageOptions(for: wide, preset: .yolo).geometry.resize == .letterbox(.init(width: 640, height: 384)))
    #expect(ImageOptions(for: fixed, preset: .none).geometry == ImageGeometry())
    // Models with inputs of integers scale pixels themselves.
    let bytes = ImageOptions(for: try Self.input([1, 224, 224, 3], type: "uint8"), preset: .imagenet)
    #expect(bytes.elementType == .uint8 && bytes.scale == 1 && bytes.mean == [0] && bytes.std == [1])
  }

  private static let configurations: [(text: String, side: Int, geometry: ImageGeometry)] = [
    // timm's create_transform: ⌊224 / 0.95⌋ = 235.
    (
      #"{"architecture": "resnet50", "pretrained_cfg": {"input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 0.95,"#
        + #" "crop_mode": "center", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}"#, 224, crop(235, 224, .bicubic)
    ),
    (
      #"{"input_size": [3, 288, 288], "interpolation": "bilinear", "crop_pct": 1.0, "crop_mode": "squash", "mean": [0.5, 0.5, 0.5],"#
        + #" "std": [0.5, 0.5, 0.5]}"#, 288, ImageGeometry(resize: .exact(square(288)))
    ),
    // Hugging Face: CLIP, ViT and ConvNeXT, whose size is that behind the crop.
    (
      #"{"do_resize": true, "size": 224, "do_center_crop": true, "crop_size": 224, "resample": 3, "do_normalize": true,"#
        + #" "image_mean": [0.48, 0.45, 0.40], "image_std": [0.26, 0.26, 0.27]}"#, 224, crop(224, 224, .bicubic)
    ),
    (
      #"{"do_resize": true, "size": {"height": 224, "width": 224}, "resample": 2, "image_mean": [0.5, 0.5, 0.5],"#
        + #" "image_std": [0.5, 0.5, 0.5], "do_rescale": true, "rescale_factor": 0.00392156862745098}"#, 224,
      ImageGeometry(resize: .exact(square(224)))
    ),
    (
      #"{"do_resize": true, "size": {"shortest_edge": 224}, "crop_pct": 0.875, "resample": 3, "image_mean": [0.5, 0.5, 0.5],"#
        + #" "image_std": [0.5, 0.5, 0.5]}"#, 224, crop(256, 224, .bicubic)
    ),
    (
      #"{"do_resize": true, "size": {"shortest_edge": 256}, "do_center_crop": true, "crop_size": {"height": 224, "width": 224},"#
        + #" "resample": 2, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}"#, 224, crop(256, 224, .bilinear)
    ),
  ]

  @Test(arguments: configurations.indices) func configurationFiles(_ index: Int) throws {
    let (text, side, geometry) = Self.configurations[index]
    for shape in [[1, 3, side, side], ["n", 3, "h", "w"]] as [[Any]] {
      let options = try ImageOptions(for: try Self.input(shape), configuration: Array(text.utf8))
      #expect(options.geometry == geometry && options.mean.count == 3 && options.std.count == 3)
      #expect(abs(options.scale - 1 / 255) < 1e-12)
    }
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"model_type": "bert"}"#, #"{"size": "big", "do_resize": true}"#,
    #"{"size": {"longest_edge": 9}, "do_resize": true}"#,
    #"{"pretrained_cfg": {"crop_pct": 0}}"#, #"{"pretrained_cfg": {"crop_mode": "border"}}"#, #"{"size": 0, "image_mean": [1]}"#,
    #"{"size": 224, "image_mean": ["x"]}"#, #"{"size": 1e99, "image_mean": [1]}"#, #"{"size": 224, "resample": 5}"#,
    #"{"size": 224, "resample": 18446744073709551616}"#, #"{"size": 224, "resample": -1e300}"#, #"{"size": 224, "resample": 0.5}"#,
    #"{"pretrained_cfg": {"interpolation": "random"}}"#, #"{"pretrained_cfg": {"input_size": [3]}}"#,
  ]) func otherFilesAreRefused(_ text: String) throws {
    let error = #expect(throws: OnyxError.self) { try ImageOptions(for: nil, configuration: Array(text.utf8)) }
    #expect([.invalidModel, .unsupported].contains(error?.code))
  }

  /// A share that asks for a side of 10^302 pixels is read, and no picture is resized by it.
  @Test func tinySharesAskForTooMuch() throws {
    let options = try ImageOptions(for: nil, configuration: Array(#"{"pretrained_cfg": {"crop_pct": 1e-300}}"#.utf8))
    let picture = Repository.models.appending(path: "digits/samples")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: picture.path(percentEncoded: false)).min())
    let path = picture.appending(path: name).path(percentEncoded: false)
    let error = #expect(throws: OnyxError.self) { try Tensor(imageFile: path, options: options) }
    #expect(error?.code == .budgetExceeded)
  }

  @Test func severalFilesAreOneBatch() throws {
    let folder = Repository.models.appending(path: "digits/samples")
    let paths = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted().map {
      folder.appending(path: $0).path(percentEncoded: false)
    }
    let options = ImageOptions(for: try Self.input(["n", 1, 28, 28]))
    let batch = try Tensor(imageFiles: paths, options: options)
    #expect(batch.shape.dimensions == [paths.count, 1, 28, 28])
    let single = try paths.flatMap { try Tensor(imageFile: $0, options: options).elements(as: Float.self) }
    #expect(try batch.elements(as: Float.self) == single)
  }
}
