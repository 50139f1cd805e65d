import Foundation

/// The sanitizer that the tests and the library were compiled with, if any: `tools/test --sanitize`.
package enum Sanitizer {
  /// Whether it is AddressSanitizer. Its shadow takes terabytes of addresses, so that programs cannot run under a limit of them.
  package static let isAddress = isLoaded("__asan_init")

  /// Whether it is ThreadSanitizer, whose shadow is as large.
  package static let isThread = isLoaded("__tsan_init")

  /// Whether addresses cannot be limited, for a shadow's sake.
  package static let needsAddresses = isAddress || isThread

  /// Bytes of freed memory that AddressSanitizer keeps, so that who reads it is found: they count as the process's, with their shadow and
  /// what it puts around each. The sanitizer keeps 256 MB where `ASAN_OPTIONS` does not say otherwise.
  package static let keptBytes = isAddress ? 400 << 20 : 0

  /// What programs that tests start are told: they hold memory when they end, and to tell each address of it takes longer than they run.
  /// What the library loses is found by the tests themselves.
  package static let environment: [String: String] =
    isAddress
    ? ["ASAN_OPTIONS": [ProcessInfo.processInfo.environment["ASAN_OPTIONS"], "detect_leaks=0"].compactMap(\.self).joined(separator: ":")]
    : [:]

  /// What a time is multiplied by that a test allows: code takes 2 to 10 times as long under a sanitizer, and ten again where
  /// every check calls its runtime.
  package static let patience = isAddress || isThread ? 20 : 1

  private static func isLoaded(_ symbol: String) -> Bool { unsafe dlsym(dlopen(nil, RTLD_NOW), symbol) != nil }
}
