import OnyxFiles
import OnyxImages
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

  /// A picture as the input of a model: [1,C,H,W] or [1,H,W,C], with H and W those of the picture unless `options.geometry` says
  /// otherwise.
  ///
  /// `bytes` are those of a PNG, JPEG, BMP, PNM, TIFF, WebP or JPEG 2000 file, whose EXIF orientation is followed. Gray becomes RGB by
  /// repetition, RGB becomes gray by 0.299 R + 0.587 G + 0.114 B; a missing alpha is 255, an unwanted one is dropped. Throws
  /// `invalidModel` for bytes that are no picture, `usage` for options that cannot be used, and `budgetExceeded` for a picture that is
  /// too large.
  public init(image bytes: [UInt8], options: ImageOptions = ImageOptions()) throws(OnyxError) {
    self = try ImageTensor.make(try ImageTensor.pixels(bytes), options)
  }

  /// Reads the image file at `path`. Throws as `init(image:options:)`, and `missingFile` when it cannot be read.
  public init(imageFile path: String, options: ImageOptions = ImageOptions()) throws(OnyxError) {
    try self.init(imageFiles: [path], options: options)
  }

  /// Reads image files as one batch [N,C,H,W] or [N,H,W,C]. Throws as `init(imageFile:options:)`, and `usage` for pictures that
  /// `options.geometry` leaves at different sizes.
  public init(imageFiles paths: [String], options: ImageOptions = ImageOptions()) throws(OnyxError) {
    var images: [Pixels] = []
    for path in paths {
      let bytes = try FileBytes.read(path)
      do throws(OnyxError) {
        images.append(try ImageTensor.seen(try ImageTensor.pixels(bytes), options))
      } catch { throw error.about(path) }
    }
    var options = options
    options.geometry = ImageGeometry()
    self = try ImageTensor.make(images, options)
  }
}

extension OnyxError {
  fileprivate func about(_ path: String) -> OnyxError { OnyxError(code, "'\(path)': \(reason)", remedy: remedy) }
}
