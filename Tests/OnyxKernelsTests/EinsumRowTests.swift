import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Einsum by products equals the reference, for the equations of the standard's tests and those that PyTorch writes.
@Suite("Einsum rows equal the reference")
struct EinsumRowTests {
  static let equations: [(String, [Shape])] = [
    // The standard's tests.
    ("...ii ->...i", [[3, 5, 5]]), ("i,i", [[5], [5]]), ("ij->i", [[3, 4]]), ("ij->ji", [[3, 4]]),
    ("bij, bjk -> bik", [[5, 2, 3], [5, 3, 4]]),
    // Attention in all layouts, batched vectors, outer and elementwise products, traces, sums, bilinear forms.
    ("bhid,bhjd->bhij", [[2, 3, 9, 8], [2, 3, 7, 8]]), ("bhij,bhjd->bhid", [[2, 3, 9, 7], [2, 3, 7, 8]]),
    ("bnhd,bmhd->bhnm", [[2, 9, 3, 8], [2, 7, 3, 8]]), ("bhnm,bmhd->bnhd", [[2, 3, 9, 7], [2, 7, 3, 8]]),
    ("b i d, b j d -> b i j", [[2, 5, 6], [2, 4, 6]]), ("bid,dh->bih", [[2, 5, 6], [6, 7]]), ("bid,hd->bhi", [[2, 5, 6], [7, 6]]),
    ("ij,jk->ki", [[5, 6], [6, 7]]), ("bi,bi->b", [[9, 33], [9, 33]]), ("i,j->ij", [[5], [7]]), ("ij,ij->ij", [[5, 7], [5, 7]]),
    ("ij,ij->", [[5, 7], [5, 7]]), ("ii->", [[6, 6]]), ("ii->i", [[6, 6]]), ("ijk->", [[2, 3, 4]]), ("ijk->kj", [[2, 3, 4]]),
    ("bn,anm,bm->ba", [[3, 5], [4, 5, 6], [3, 6]]), ("ab,bc,cd->ad", [[3, 5], [5, 4], [4, 6]]), ("ab,cd->ab", [[3, 5], [2, 6]]),
    ("bchw,bkhw->bck", [[2, 3, 5, 4], [2, 6, 5, 4]]), ("nctv,vw->nctw", [[2, 3, 4, 5], [5, 7]]),
    ("nkctv,kvw->nctw", [[2, 3, 4, 6, 5], [3, 5, 7]]),
    ("...ij,...jk->...ik", [[2, 3, 4, 5], [3, 5, 6]]), ("...,...->...", [[2, 3], [3]]), ("bi...,i->b...", [[2, 3, 4], [3]]),
    ("ij,jk->ik", [[3, 1], [4, 5]]), ("bxyz,xz->by", [[2, 3, 4, 5], [3, 5]]), ("iji,jk->ik", [[3, 4, 3], [4, 5]]),
    ("abcd,cbe->ade", [[2, 3, 4, 5], [4, 3, 6]]), ("bqhc,bkhc->bhqk", [[1, 40, 2, 16], [1, 37, 2, 16]]), ("i,i,i->i", [[5], [5], [5]]),
    ("aij,bij->ab", [[33, 5, 4], [18, 5, 4]]), ("abc,acd,ade->abe", [[2, 3, 4], [2, 4, 5], [2, 5, 3]]), ("ik,k->i", [[64, 33], [33]]),
  ]

  static func inputs(_ shapes: [Shape], _ type: ElementType) throws -> [NodeCase.Input] {
    try shapes.enumerated().map { index, shape in
      if type == .float32 { return .float(shape) }
      let values = (0..<shape.elementCount).map { Int64(($0 &* 7 &+ index) % 11) - 5 }
      return .given(
        type.isFloating
          ? try Tensor(floating: values.map(Double.init), as: type, shape: shape) : try Tensor(integral: values, as: type, shape: shape))
    }
  }

  @Test(arguments: equations) func products(_ equation: String, _ shapes: [Shape]) throws {
    let test = NodeCase("Einsum", try Self.inputs(shapes, .float32), ["equation": .text(equation)])
    #expect(try test.run(KernelTable()).rows == ["einsum_f32_products"])
    try KernelRowTests.expectReference(test)
    // Whole numbers are exact in every order of sums.
    for type in [ElementType.float64, .int32, .int64, .uint32, .uint64] {
      let test = NodeCase("Einsum", try Self.inputs(shapes, type), ["equation": .text(equation)])
      let expected = try test.run(.referenceOnly).results
      for threads in [1, 3] { #expect(try test.run(KernelTable(), threads: threads).results == expected, "\(equation) of \(type)") }
    }
  }
}
