import OnyxFiles
import OnyxInsight
import OnyxTensor

extension Tensor {
  /// Reads a NumPy array: the bytes of a `.npy` file of version 1, 2 or 3. Fortran order becomes row-major, big-endian numbers are
  /// swapped.
  ///
  /// Throws `invalidModel` for bytes that are no such file and `unsupported` for a type that ONNX lacks.
  public init(npy bytes: [UInt8]) throws(OnyxError) { self = try Npy.decode(bytes[...]) }

  /// Reads a NumPy array from the `.npy` file at `path`. Throws as `init(npy:)`, and `missingFile` when it cannot be read.
  public init(npyFile path: String) throws(OnyxError) {
    let bytes = try FileBytes.read(path)
    do throws(OnyxError) { self = try Npy.decode(bytes[...]) } catch { throw error.about(path) }
  }

  /// The bytes of a `.npy` file of version 1, row-major and little-endian. Element types that NumPy lacks go by the names of
  /// Python's ml_dtypes; zeros at the end of strings are lost.
  ///
  /// Throws `budgetExceeded` for strings that would take more memory than there is.
  public func npyBytes() throws(OnyxError) -> [UInt8] { try Npy.encode(self) }

  /// Makes or replaces a `.npy` file. Throws as `npyBytes()`, and `missingFile` when the path cannot be written.
  public func write(npyFile path: String) throws(OnyxError) { try FileBytes.write(try npyBytes(), to: path) }

  /// A picture as the input of a model: float32 of shape [1,C,H,W] or [1,H,W,C], with H and W those of the picture.
  ///
  /// `bytes` are those of a PNG, JPEG, BMP, PNM, TIFF, WebP or JPEG 2000 file. Gray becomes RGB by repetition, RGB becomes gray by
  /// 0.299 R + 0.587 G + 0.114 B; a missing alpha is 255, an unwanted one is dropped. Throws `invalidModel` for bytes that are no
  /// picture, `usage` for options that cannot be used, and `budgetExceeded` for a picture that is too large.
  public init(image bytes: [UInt8], options: ImageOptions = ImageOptions()) throws(OnyxError) {
    self = try ImageTensor.make(try ImageTensor.pixels(bytes), options)
  }

  /// Reads the image file at `path`. Throws as `init(image:options:)`, and `missingFile` when it cannot be read.
  public init(imageFile path: String, options: ImageOptions = ImageOptions()) throws(OnyxError) {
    let bytes = try FileBytes.read(path)
    do throws(OnyxError) { try self.init(image: bytes, options: options) } catch { throw error.about(path) }
  }
}

extension OnyxError {
  fileprivate func about(_ path: String) -> OnyxError { OnyxError(code, "'\(path)': \(reason)", remedy: remedy) }
}

extension ImageOptions {
  /// Options that suit an input of a model: layout and channels follow its shape where nothing else is said.
  ///
  /// The second axis is taken for the channels, or the last one when only that has 1, 3 or 4 of them; there are 3 where the shape
  /// does not tell. Pixels become 0 … 1 by the default `scale`; `mean` and `std` hold one number, or one for each channel.
  public init(
    for input: TensorSpecification?, scale: Double = 1 / 255, mean: [Double] = [0], std: [Double] = [1], layout: Layout? = nil
  ) {
    let extents = (input?.shape ?? []).map { extent -> Int? in if case .fixed(let size) = extent { size } else { nil } }
    func isChannels(_ axis: Int) -> Bool { extents.count == 4 && extents[axis].map { [1, 3, 4].contains($0) } ?? false }
    let layout = layout ?? (!isChannels(1) && isChannels(3) ? .nhwc : .nchw)
    let axis = layout == .nhwc ? 3 : 1
    self.init(mean: mean, std: std, scale: scale, layout: layout, channels: isChannels(axis) ? extents[axis] ?? 3 : 3)
  }
}
