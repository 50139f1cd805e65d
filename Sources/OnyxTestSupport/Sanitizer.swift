import Foundation

/// The sanitizer that the tests and the library were compiled with, if any: `tools/test --sanitize`.
package enum Sanitizer {
  /// Whether it is AddressSanitizer. Its shadow takes terabytes of addresses, so that programs cannot run under a limit of them.
  package static let isAddress = isLoaded("__asan_init")

  /// Whether it is ThreadSanitizer, whose shadow is as large.
  package static let isThread = isLoaded("__tsan_init")

  /// What a time is multiplied by that a test allows: code takes 2 to 10 times as long under a sanitizer, and ten again where
  /// every check calls its runtime.
  package static let patience = isAddress || isThread ? 20 : 1

  private static func isLoaded(_ symbol: String) -> Bool { unsafe dlsym(dlopen(nil, RTLD_NOW), symbol) != nil }
}
