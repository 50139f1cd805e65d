import OnyxTensor

/// numpy's .npz files: ZIP archives of .npy files.
package enum Npz {
  /// The arrays in the order of the archive, named without ".npy". `limit` bounds what they hold together, headers included.
  package static func decode(_ bytes: ArraySlice<UInt8>, limit: Int = Buffer.largestByteCount) throws(OnyxError) -> [(
    name: String, tensor: Tensor
  )] {
    let archive = try ZipArchive(bytes, limit: limit)
    var result: [(name: String, tensor: Tensor)] = []
    var seen: Set<String> = []
    for member in archive.members {
      guard member.name.hasSuffix(".npy") else {
        throw .invalid("The archive's member '\(member.name)' is no .npy file.", remedy: "Save it with numpy.savez.")
      }
      let name = String(member.name.dropLast(4))
      guard seen.insert(name).inserted else { throw .invalid("The archive has two arrays named '\(name)'.") }
      do throws(OnyxError) {
        result.append((name, try Npy.decode(try archive.contents(of: member))))
      } catch { throw OnyxError(error.code, "In '\(member.name)': \(error.reason)", remedy: error.remedy) }
    }
    return result
  }

  /// Throws `usage` when two tensors have one name.
  package static func encode(_ tensors: [(name: String, tensor: Tensor)], compressed: Bool = false) throws(OnyxError) -> [UInt8] {
    var writer = ZipWriter()
    var seen: Set<String> = []
    for (name, tensor) in tensors {
      guard seen.insert(name).inserted else { throw .usage("Two tensors are named '\(name)'.") }
      try writer.append(name + ".npy", try Npy.encode(tensor), compressed: compressed)
    }
    return try writer.finish()
  }
}
