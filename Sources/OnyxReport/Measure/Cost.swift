/// Time and work of one step or of several.
package struct Cost: Encodable, Sendable {
  package let milliseconds: Double
  /// Of the time of all steps, 0 … 1.
  package let share: Double
  let work: StepWork

  init(_ work: StepWork, milliseconds: Double, of whole: Double) {
    self.init(work, milliseconds: milliseconds, share: whole > 0 ? milliseconds / whole : 0)
  }

  private init(_ work: StepWork, milliseconds: Double, share: Double) {
    self.work = work
    self.milliseconds = milliseconds
    self.share = share
  }

  /// What is left of time and work without those of parts.
  func less(_ parts: [Cost]) -> Cost {
    guard !parts.isEmpty else { return self }
    var rest = work
    for part in parts { rest.subtract(part.work) }
    let milliseconds = parts.reduce(milliseconds) { $0 - $1.milliseconds }
    return Cost(rest, milliseconds: max(0, milliseconds), share: max(0, parts.reduce(share) { $0 - $1.share }))
  }

  package var gigaflops: Double? { work.gigaflops(milliseconds: milliseconds) }
  package var gigabytes: Double? { work.gigabytes(milliseconds: milliseconds) }

  enum CodingKeys: String, CodingKey {
    case share, macs, bytes
    case milliseconds = "ms"
    case gigaflops = "gflops"
    case gigabytes = "gbs"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(milliseconds, forKey: .milliseconds)
    try container.encode(share, forKey: .share)
    try container.encode(work.multiplyAccumulates, forKey: .macs)
    try container.encode(work.bytes, forKey: .bytes)
    try container.encode(gigaflops, forKey: .gigaflops)
    try container.encode(gigabytes, forKey: .gigabytes)
  }
}
