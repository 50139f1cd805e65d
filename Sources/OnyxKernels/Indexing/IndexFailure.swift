import OnyxOperators
import OnyxTensor
import Synchronization

/// The first index outside its axis that several threads have met, by its position among the indices.
///
/// SAFETY: positions are those of elements of input 1 of the call, see `KernelCall`.
struct IndexFailure: ~Copyable {
  private let first = Atomic(Int.max)

  func record(_ position: Int) {
    var known = first.load(ordering: .relaxed)
    while position < known {
      let (exchanged, original) = first.compareExchange(expected: known, desired: position, ordering: .relaxed)
      if exchanged { return }
      known = original
    }
  }

  /// The position; nil when every index was inside.
  var position: Int? {
    let position = first.load(ordering: .relaxed)
    return position == .max ? nil : position
  }

  /// Throws the error of the reference for the recorded index of input 1. `extents` has one entry for each index of a tuple.
  func check(_ call: borrowing KernelCall, isWide: Bool, extents: [Int]) throws(OnyxError) {
    guard let position else { return }
    let index = unsafe isWide ? Int(call.input(1, as: Int64.self)[position]) : Int(call.input(1, as: Int32.self)[position])
    throw .indexOutside(index, extent: extents[position % extents.count])
  }
}
