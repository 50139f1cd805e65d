import OnyxFiles
import OnyxTensor
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Text for people on stderr, reports on stdout.
enum Console {
  static func error(_ text: String) { write(colored(printable(text)) + "\n", to: STDERR_FILENO) }

  /// The first word of an error, warning or note in color: where messages go to a terminal, unless NO_COLOR says no (no-color.org), and
  /// anywhere when CLICOLOR_FORCE is not 0.
  private static let isColored: Bool = {
    let environment = ProcessInfo.processInfo.environment
    if let choice = environment["NO_COLOR"], !choice.isEmpty { return false }
    if let choice = environment["CLICOLOR_FORCE"], choice != "0" { return true }
    return isatty(STDERR_FILENO) != 0 && environment["TERM"] != "dumb"
  }()

  private static func colored(_ text: String) -> String {
    guard isColored, let mark = text.firstIndex(of: ":") else { return text }
    // Red, yellow, cyan; bold.
    guard let color = ["error": 31, "warning": 33, "note": 36][String(text[..<mark])] else { return text }
    return "\u{1B}[1;\(color)m\(text[...mark])\u{1B}[0m\(text[text.index(after: mark)...])"
  }

  /// A report for people.
  static func out(_ text: String) { write(printable(text), to: STDOUT_FILENO) }

  /// A JSON document, as it is.
  static func document(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// The text of a file, as it is.
  static func file(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Names come from models: their control characters must not reach a terminal, and long ones are cut.
  private static func printable(_ text: String) -> String {
    let text = LongNames.cut(text)
    func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t" }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars { result += isControl(scalar) ? scalar.escaped(asASCII: true) : String(scalar) }
    return result
  }

  /// A line that the next one replaces, only when stderr is a terminal.
  static func progress(_ text: String) {
    if isatty(STDERR_FILENO) != 0 { write("\r\u{1B}[K\(printable(text))", to: STDERR_FILENO) }
  }

  static func endProgress() { progress("") }

  /// The number of the error that ended the report; 0 as long as there was none.
  private static let failure = Atomic<Int32>(0)

  /// Throws `outputFailed` when the report, or a part of it, could not be written. A reader that went away ends the program by SIGPIPE,
  /// also where whoever started it ignores that signal.
  static func check() throws(OnyxError) {
    let number = failure.load(ordering: .relaxed)
    if number == EPIPE {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    if number != 0 { throw .unwritable("The report", number) }
  }

  /// SAFETY: the pointer is that of the array for the duration of the call. A failure ends the writing.
  private static func write(_ text: String, to descriptor: Int32) {
    if descriptor == STDOUT_FILENO, failure.load(ordering: .relaxed) != 0 { return }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes { unsafe unistdWrite(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EAGAIN {
        // Somebody else made the stream one that does not wait.
        var stream = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&stream, 1, -1)
      } else if errno != EINTR {
        if descriptor == STDOUT_FILENO { failure.store(errno, ordering: .relaxed) }
        return
      }
    }
  }

  private static func unistdWrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
      unsafe Glibc.write(descriptor, start, count)
    #elseif canImport(Musl)
      unsafe Musl.write(descriptor, start, count)
    #else
      unsafe Darwin.write(descriptor, start, count)
    #endif
  }
}
