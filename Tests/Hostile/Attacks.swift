// Code that must not compile without the word `unsafe`: it would read or write outside the memory of a tensor.
// tools/check_hostile compiles this file once for each line "refused NAME: MESSAGE", with that name defined, and wants that message.

import Onyx

/// Two words where a float32 has a half.
struct Wide: Hashable, Sendable, BitwiseCopyable {
  var first = 0
  var second = 0
}

// refused CLAIMED_TYPE: type 'Wide' does not conform to protocol 'TensorElement'
#if CLAIMED_TYPE
  extension Wide: TensorElement {
    static var elementType: ElementType { .float32 }
  }
#endif

// refused MADE_STORAGE: initializer is inaccessible due to 'package' protection level
#if MADE_STORAGE
  extension Wide: TensorElement {
    static var storage: ElementStorage<Wide> { ElementStorage(.float32) }
  }
#endif

// refused OTHER_STORAGE: type 'Wide' does not conform to protocol 'TensorElement'
#if OTHER_STORAGE
  extension Wide: TensorElement {
    static var storage: ElementStorage<Float> { Float.storage }
  }
#endif

// refused BORROWED_STORAGE: cannot convert return expression of type 'ElementStorage<Float>' to return type 'ElementStorage<Wide>'
#if BORROWED_STORAGE
  extension Wide: TensorElement {
    static var storage: ElementStorage<Wide> { Float.storage }
  }
#endif

// refused GENERIC_CLAIM: type 'Pair<Base>' does not conform to protocol 'TensorElement'
#if GENERIC_CLAIM
  struct Pair<Base: TensorElement>: TensorElement {
    let (first, second): (Base, Base)
    static var storage: ElementStorage<Base> { Base.storage }
  }
#endif

// refused KNOWN_TYPE: type 'SIMD4<Scalar>' does not conform to protocol 'TensorElement'
#if KNOWN_TYPE
  // swift-format-ignore: AvoidRetroactiveConformances
  extension SIMD4: @retroactive BitwiseCopyable where Scalar == Float {}
  extension SIMD4: TensorElement where Scalar == Float {
    static var elementType: ElementType { .float32 }
  }
#endif

// refused DEFAULT_STORAGE: initializer is inaccessible due to 'package' protection level
#if DEFAULT_STORAGE
  extension TensorElement {
    static var storage: ElementStorage<Self> { ElementStorage(.float32) }
  }
  extension Wide: TensorElement {}
#endif

// refused OWN_INITIALIZER: 'let' property 'elementType' may not be initialized directly; use "self.init(...)" or "self = ..." instead
#if OWN_INITIALIZER
  extension ElementStorage {
    init(claiming type: ElementType) { elementType = type }
  }
  extension Wide: TensorElement {
    static var storage: ElementStorage<Wide> { ElementStorage(claiming: .float32) }
  }
#endif

// refused REINTERPRETED_STORAGE: expression uses unsafe constructs but is not marked with 'unsafe'
#if REINTERPRETED_STORAGE
  extension Wide: TensorElement {
    static var storage: ElementStorage<Wide> { unsafeBitCast(Float.storage, to: ElementStorage<Wide>.self) }
  }
#endif

// refused PACKAGE_TENSOR: 'storage' is inaccessible due to 'package' protection level
#if PACKAGE_TENSOR
  func forged(_ tensor: Tensor) throws -> Tensor { Tensor(elementType: .float64, shape: [1 << 20], storage: tensor.storage) }
#endif

// refused KEPT_SPAN: lifetime-dependent variable 'outside' escapes its scope
#if KEPT_SPAN
  func kept(_ tensor: Tensor) throws -> Float {
    var outside = Span<Float>()
    try tensor.withElements(of: Float.self) { elements in outside = elements }
    return outside[0]
  }
#endif

// refused EXCHANGED_SPANS: lifetime-dependent variable 'elements' escapes its scope
#if EXCHANGED_SPANS
  func exchanged() throws {
    var outside = MutableSpan<Float>()
    _ = try Tensor(shape: [1 << 20], of: Float.self) { elements in
      let inside = elements
      elements = outside
      outside = inside
    }
    outside[0] = 1
  }
#endif

// refused KEPT_WRITTEN_SPAN: lifetime-dependent variable 'outside' escapes its scope
#if KEPT_WRITTEN_SPAN
  func keptWritten() throws -> Float {
    var outside = Span<Float>()
    _ = try Tensor(shape: [1 << 20], of: Float.self) { elements in outside = elements.span }
    return outside[0]
  }
#endif

// refused UNMARKED_MEMORY: expression uses unsafe constructs but is not marked with 'unsafe'
#if UNMARKED_MEMORY
  func viewed(_ elements: [Float]) throws -> Tensor {
    try elements.withUnsafeBufferPointer { try Tensor(viewing: $0, shape: [1]) {} }
  }
#endif
