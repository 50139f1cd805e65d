/// An error of one case of `withEvery`, with the case.
package struct CaseError: Error, CustomStringConvertible {
  package let caseDescription: String
  package let underlying: any Error
  package var description: String { "in case \(caseDescription): \(underlying)" }
}

/// Runs a check for every case; what it throws names the case.
package func withEvery<T>(_ cases: some Sequence<T>, _ body: (T) throws -> Void) throws {
  for element in cases {
    do { try body(element) } catch { throw CaseError(caseDescription: "\(element)", underlying: error) }
  }
}

/// Runs a check for every pair of cases.
package func withEvery<T, U>(_ first: some Sequence<T>, _ second: some Collection<U>, _ body: (T, U) throws -> Void) throws {
  try withEvery(first) { a in try withEvery(second) { b in try body(a, b) } }
}
