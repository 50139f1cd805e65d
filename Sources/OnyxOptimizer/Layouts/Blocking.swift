import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The words of the layout rewrites: a value that is plain only because `UnblockChannels` made it so.
extension Expression {
  /// UnblockChannels(name), the node called `name.plain`.
  static func unblocked(_ name: String) -> Expression { .onyx("UnblockChannels", .value(name), named: "\(name).plain") }
}

extension Match {
  /// The channels of the plain form of an `unblocked` value.
  func channels(of name: String) -> Int? { node("\(name).plain")?.int("channels", default: 0) }

  /// Whether the plain value `name` has one element for each channel of `count`: [1 or batch, count, 1, 1].
  func isChannelVector(_ name: String, channels count: Int?, rank: Int) -> Bool {
    guard let count, let shape = shape(name), shape.count == rank, rank >= 3 else { return false }
    return shape[1] == Dimension(count) && shape[2...].allSatisfy { $0 == 1 }
  }
}

extension Patch {
  mutating func block(_ x: ValueID) -> ValueID { node(OperatorName("BlockChannels", domain: "onyx"), [x]) }

  mutating func unblock(_ x: ValueID, channels: Int) -> ValueID {
    node(OperatorName("UnblockChannels", domain: "onyx"), [x], ["channels": .int(Int64(channels))])
  }
}

extension Clause {
  static let isFloat32 = Clause("Blocked kernels are float32.") { $0.elementType == .float32 }
}
