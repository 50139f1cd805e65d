import Foundation

/// Deeds that must be silent under AddressSanitizer and UndefinedBehaviorSanitizer, and deeds that must be reported: so that the silence of
/// the tests means something. Without an argument the program lists them, with one it does it.
@main struct Control {
  nonisolated(unsafe) private static let deeds: [(name: String, isReported: Bool, body: () -> Int)] = [
    ("nothing", false, { 0 }),
    ("every element by Swift", false, { sum(count: 100, of: 100) }),
    ("every element by C", false, { sumByC(count: 100, of: 100) }),
    ("a shift by 30", false, { Int(control_shift(30)) }),
    ("memory that is kept", false, { keep() }),
    ("more memory than there is", false, { tooMuch() }),
    ("one element too many by Swift", true, { sum(count: 101, of: 100) }),
    ("one element too many by C", true, { sumByC(count: 101, of: 100) }),
    ("an element before the first", true, { sum(from: -1, count: 2, of: 100) }),
    ("freed memory", true, { freed() }),
    ("freed twice", true, { freedTwice() }),
    ("a shift by 32", true, { Int(control_shift(32)) }),
    ("memory that is lost", true, { lose() }),
  ]

  static func main() {
    guard let name = CommandLine.arguments.dropFirst().first else {
      for deed in deeds { print(deed.isReported ? "reported" : "silent", deed.name) }
      return
    }
    guard let deed = deeds.first(where: { $0.name == name }) else { exit(64) }
    print(deed.body())
  }

  private static func elements(_ count: Int) -> UnsafeMutablePointer<Int32> {
    let elements = UnsafeMutablePointer<Int32>.allocate(capacity: count)
    elements.initialize(repeating: 1, count: count)
    return elements
  }

  @inline(never) private static func sum(from first: Int = 0, count: Int, of: Int) -> Int {
    let elements = elements(of)
    defer { elements.deallocate() }
    return (first..<count).reduce(0) { $0 + Int(elements[$1]) }
  }

  @inline(never) private static func sumByC(count: Int, of: Int) -> Int {
    let elements = elements(of)
    defer { elements.deallocate() }
    return Int(control_sum(elements, count))
  }

  @inline(never) private static func freed() -> Int {
    let elements = elements(100)
    elements.deallocate()
    return Int(elements[Int(getpid()) % 100])
  }

  @inline(never) private static func freedTwice() -> Int {
    let elements = elements(100)
    elements.deallocate()
    elements.deallocate()
    return 0
  }

  nonisolated(unsafe) private static var kept: [UnsafeMutablePointer<Int32>] = []

  @inline(never) private static func keep() -> Int {
    for _ in 0..<100 { kept.append(elements(1000)) }
    return Int(kept[Int(getpid()) % 100][5])
  }

  @inline(never) private static func lose() -> Int { (0..<100).reduce(0) { $0 + Int(elements(1000)[$1]) } }

  /// As Onyx's memory is asked for: none is an error, not the end.
  @inline(never) private static func tooMuch() -> Int {
    var address: UnsafeMutableRawPointer?
    return Int(posix_memalign(&address, 64, 1 << 50))
  }
}
