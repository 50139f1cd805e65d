import OnyxFiles
import OnyxKernels
import OnyxProto
import OnyxTensor

extension Session {
  /// The file of the options; nil when there is none, or when it cannot be told to which build of Onyx files belong.
  func packedFile() -> PackedFile? {
    guard let path = options.weightCache, let stamp = Self.stamp else { return nil }
    return PackedFile((try? MappedFile(path: path))?.mapping, stamp: stamp) { [weak self] pieces in
      do throws(OnyxError) { try FileBytes.replace(path, by: pieces) } catch { self?.warn("\(error)", about: "weight cache") }
    }
  }

  /// Stands for this build of Onyx: its version, and the file that holds its code.
  private static let stamp: ContentDigest? = CodeFile.sizeAndTime().map { file in
    var digest = ContentDigest()
    digest.add(version)
    digest.add(UInt64(bitPattern: file.size))
    digest.add(UInt64(bitPattern: file.nanoseconds))
    return digest
  }
}
