import COnyxSystem
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Other programs of the machine. SAFETY: the words are C strings that live until the call is over; the output is copied and freed here.
package enum ExternalProgram {
  /// No output may be larger.
  private static let largestOutput = 1 << 30

  /// What a program writes when it reads `input`; nil when the machine has no such program.
  ///
  /// Throws `budgetExceeded` when it takes longer than `seconds`, and `unsupported` when it fails.
  package static func output(of name: String, _ arguments: [String], input: [UInt8], seconds: Int) throws(OnyxError) -> [UInt8]? {
    var words = unsafe ([name] + arguments).map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    var output: UnsafeMutablePointer<CChar>?
    var count = 0
    let status = unsafe words.withUnsafeMutableBufferPointer { words in
      unsafe input.withUnsafeBytes { bytes in
        unsafe csystem_run_program(
          words.baseAddress!, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, Int32(clamping: seconds), largestOutput,
          &output, &count)
      }
    }
    defer { unsafe csystem_free(output) }
    switch status {
    case 0: return unsafe [UInt8](UnsafeRawBufferPointer(start: output, count: count))
    case -ENOENT: return nil
    case -ETIMEDOUT: throw .budget("The program '\(name)' took longer than \(seconds) seconds.")
    case -EFBIG: throw .budget("The program '\(name)' wrote more than \(largestOutput) bytes.")
    default: throw .unsupported("The program '\(name)' failed with \(status < 0 ? "error \(-status)" : "exit code \(status)").")
    }
  }
}
