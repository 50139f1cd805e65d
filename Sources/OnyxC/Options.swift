// The names are those of onyx.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
//
// SAFETY: addresses are those of `Handle`, and texts live as long as the call.

import COnyx
import Onyx
import Synchronization

/// Options of sessions that are to be opened.
final class OptionsHandle: Sendable {
  let options = Mutex(SessionOptions())
}

@c @implementation public func onyx_options_make() -> OpaquePointer! { unsafe Handle.make(OptionsHandle()) }

@c @implementation public func onyx_options_set(
  _ options: OpaquePointer!, _ name: UnsafePointer<CChar>!, _ value: UnsafePointer<CChar>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    guard let handle = unsafe Handle.object(options, as: OptionsHandle.self) else { throw .usage("The options are NULL.") }
    let (name, value) = unsafe (try CText.read(name, "name of the option"), try CText.read(value, "value of the option"))
    try handle.options.withLock { (options) throws(OnyxError) in try options.set(name, value) }
  }
}

@c @implementation public func onyx_options_release(_ options: OpaquePointer!) {
  unsafe Handle.release(options, as: OptionsHandle.self)
}

extension SessionOptions {
  private static let names = [
    "threads", "memory_budget", "tensor_limit", "node_limit", "nesting_limit", "iteration_limit", "deadline", "seed", "optimization",
    "instruction_set", "precision", "winograd", "flush_denormals", "weight_cache", "disable_kernel", "disable_rewrite",
  ]

  /// Sets the option of `onyx_options_set` that has this name. Throws `usage` for another name and for a value that is none of it.
  mutating func set(_ name: String, _ value: String) throws(OnyxError) {
    switch name {
    case "threads": threads = try OptionText.number(name, value)
    case "memory_budget": memoryBudget = try OptionText.number(name, value)
    case "tensor_limit": tensorLimit = try OptionText.number(name, value)
    case "node_limit": nodeLimit = try OptionText.number(name, value)
    case "nesting_limit": nestingLimit = try OptionText.number(name, value)
    case "iteration_limit": iterationLimit = try OptionText.number(name, value)
    case "deadline": deadline = try OptionText.seconds(value)
    case "seed": seed = try OptionText.number(name, value)
    case "optimization": optimization = try OptionText.choice(name, value, Optimization.allCases) { "\($0)" }
    case "instruction_set": instructionSet = try OptionText.choice(name, value, InstructionSet.allCases, \.rawValue)
    case "precision": precision = try OptionText.choice(name, value, Precision.allCases, \.rawValue)
    case "winograd": winograd = try OptionText.choice(name, value, [true, false]) { "\($0)" }
    case "flush_denormals": flushesDenormals = try OptionText.choice(name, value, [true, false]) { "\($0)" }
    case "weight_cache": weightCache = value
    case "disable_kernel": disabledKernels.insert(value)
    case "disable_rewrite": disabledRewrites.insert(value)
    default: throw .usage("There is no option '\(name)'.", remedy: "There are: \(Self.names.joined(separator: ", ")).")
    }
  }
}

/// Values of options as texts.
enum OptionText {
  static func number<T: FixedWidthInteger>(_ name: String, _ value: String) throws(OnyxError) -> T {
    guard let number = T(value), number >= 0 else { throw .usage("The option '\(name)' is '\(value)', no whole number that fits.") }
    return number
  }

  static func seconds(_ value: String) throws(OnyxError) -> Duration {
    guard let seconds = Double(value), seconds >= 0, seconds < 1e12 else {
      throw .usage("The option 'deadline' is '\(value)', no number of seconds.")
    }
    return .seconds(seconds)
  }

  static func choice<T>(_ name: String, _ value: String, _ all: [T], _ text: (T) -> String) throws(OnyxError) -> T {
    guard let choice = all.first(where: { text($0) == value }) else {
      throw .usage("The option '\(name)' is '\(value)'.", remedy: "It can be: \(all.map(text).joined(separator: ", ")).")
    }
    return choice
  }
}
