import COnyx
import Onyx

/// The inputs or outputs of a model in memory that C reads.
///
/// SAFETY: the memory lives as long as the object and is not written after `init`, hence `@unchecked Sendable`.
@safe final class Ports: @unchecked Sendable {
  let count: Int
  private let ports: UnsafeMutablePointer<onyx_port>
  private let extents: UnsafeMutablePointer<Int64>
  private let dimensions: UnsafeMutablePointer<UnsafePointer<CChar>?>
  private var texts: [CText] = []

  init(_ specifications: [TensorSpecification]) {
    count = specifications.count
    let axes = specifications.reduce(0) { $0 + ($1.shape?.count ?? 0) }
    unsafe ports = .allocate(capacity: max(count, 1))
    unsafe extents = .allocate(capacity: max(axes, 1))
    unsafe dimensions = .allocate(capacity: max(axes, 1))
    unsafe dimensions.initialize(repeating: nil, count: max(axes, 1))
    var axis = 0
    for (index, specification) in specifications.enumerated() {
      let first = axis
      for extent in specification.shape ?? [] {
        switch extent {
        case .fixed(let size): unsafe (extents + axis).initialize(to: Int64(size))
        case .symbolic(let name):
          unsafe (extents + axis).initialize(to: -1)
          unsafe dimensions[axis] = keep(name)
        }
        axis += 1
      }
      unsafe (ports + index).initialize(
        to: onyx_port(
          name: keep(specification.name), type: keep(specification.kind?.description ?? "unknown"),
          kind: specification.kind?.number ?? Int32(ONYX_KIND_UNKNOWN), element_type: specification.elementType?.rawValue ?? 0,
          rank: specification.shape.map { Int32($0.count) } ?? -1, extents: extents + first, dimensions: dimensions + first,
          is_optional: specification.isOptional))
    }
  }

  deinit {
    unsafe ports.deallocate()
    unsafe extents.deallocate()
    unsafe dimensions.deallocate()
  }

  private func keep(_ text: String) -> UnsafePointer<CChar> {
    let kept = CText(text)
    texts.append(kept)
    return unsafe UnsafePointer(kept.address)
  }

  /// nil behind the last.
  subscript(index: Int) -> UnsafePointer<onyx_port>? { (0..<count).contains(index) ? unsafe UnsafePointer(ports + index) : nil }
}

extension ValueKind {
  /// The number that `onyx.h` has for it.
  var number: Int32 {
    switch self {
    case .tensor: Int32(ONYX_KIND_TENSOR)
    case .sequence: Int32(ONYX_KIND_SEQUENCE)
    case .optional: Int32(ONYX_KIND_OPTIONAL)
    case .map: Int32(ONYX_KIND_MAP)
    }
  }
}
