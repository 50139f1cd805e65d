import Onyx
import OnyxTensor
import OnyxTestSupport

/// What an input did that no input may do, without ending the process.
package struct Finding: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// Something that reads bytes from outside, and the inputs that it is tried with.
///
/// An input is bytes whatever the target, so that one that found something can be kept as a file, replayed and made smaller. Equal
/// generators make equal inputs as long as `learn` was told the same.
package protocol FuzzTarget: AnyObject {
  static var name: String { get }

  /// Reads its seeds. Throws when there are none.
  init() throws

  /// The next input.
  func input(_ generator: inout SeededGenerator) -> [UInt8]

  /// Gives the input to what is tried; true when it was accepted rather than refused.
  ///
  /// Throws a `Finding` for what must not happen. Typed errors are what refusals look like, and are no findings.
  func run(_ input: [UInt8]) throws(Finding) -> Bool

  /// An input that reached code that none before it reached: others are made from it.
  func learn(_ input: [UInt8])

  /// What to write to disk of an input, and the ending of its file's name, for those who look at it.
  func file(_ input: [UInt8]) -> (bytes: [UInt8], ending: String)

  /// A process that this target started and that must not outlive its worker; 0 when there is none.
  var child: Int32 { get }

  /// Smaller inputs that may show the same.
  func reductions(of input: [UInt8]) -> [[UInt8]]
}

extension FuzzTarget {
  package func learn(_ input: [UInt8]) {}
  package var child: Int32 { 0 }
  package func file(_ input: [UInt8]) -> (bytes: [UInt8], ending: String) { (input, "bin") }

  /// Without pieces of half, a quarter and so on down to one byte, at most some hundred of them.
  package func reductions(of input: [UInt8]) -> [[UInt8]] { bytewise(input) }

  func bytewise(_ input: [UInt8]) -> [[UInt8]] {
    var results: [[UInt8]] = []
    var size = input.count / 2
    while size > 0, results.count < 300 {
      for start in stride(from: 0, to: input.count, by: size).prefix(64) {
        results.append(Array(input[..<start]) + Array(input[min(start + size, input.count)...]))
      }
      size /= 2
    }
    return results
  }
}

package enum FuzzTargets {
  /// In the order in which they run.
  package static var all: [any FuzzTarget.Type] {
    [ModelBytes.self, ModelStructure.self, RandomGraphs.self, TensorFiles.self, CInterface.self, ServerRequests.self]
  }

  package static var names: [String] { all.map { $0.name } }

  package static func named(_ name: String) -> (any FuzzTarget.Type)? {
    (all + [SelfTest.self]).first { $0.name == name }
  }
}

/// Longest message of an error: what a file says may be cut, not repeated in full.
private let longestMessage = 1 << 16

/// The result of `body`; nil for a typed error. Throws a `Finding` for an error that says that Onyx has a bug, or that is too long to
/// read.
func refused<T>(_ body: () throws(OnyxError) -> T) throws(Finding) -> T? {
  do throws(OnyxError) { return try body() } catch {
    guard error.code != .internalBug else { throw Finding("An error says that Onyx has a bug: \(error)") }
    let text = error.description
    guard text.utf8.count <= longestMessage else {
      throw Finding("A message of \(text.utf8.count) bytes begins with: \(text.prefix(400))")
    }
    return nil
  }
}
