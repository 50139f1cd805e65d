import CKernels
import OnyxThreads

/// Many products of two runtime matrices of bytes of one shape.
///
/// SAFETY: matrix i of the result is made of matrix left[i] of A, m x k bytes, and right[i] of B, k x n bytes; both tensors
/// hold all that are named. C holds as many matrices of m x n elements of the epilogue.
struct ByteProductBatch: Sendable {
  let m, n, k: Int
  let signedA, signedB: Bool
  let left, right: [Int]
  let isa: ISA

  func run(
    _ a: UnsafePointer<UInt8>, _ aPoint: Int32, _ b: UnsafePointer<UInt8>, _ bPoint: Int32, into c: UnsafeMutablePointer<UInt8>,
    epilogue: ByteEpilogue, pool: ThreadPool
  ) {
    let point = signedB ? bPoint : bPoint - 128
    let product = ByteProduct(
      m: m, n: n, k: k, isSigned: signedA, columnZeroPoints: point == 0 ? [] : Array(repeating: point, count: n), isa: isa)
    guard let size = isa.int8Size(.columns, lanes: n, depth: k) else { return }
    let one = { (index: Int) in
      unsafe pool.workspace.withScratch(size + n * 4 + 64) { scratch in
        let sums = unsafe UnsafeMutableRawPointer(scratch + (size + 63) / 64 * 64).assumingMemoryBound(to: Int32.self)
        unsafe self.isa.int8.pack_columns!(
          scratch, b + self.right[index] * self.k * self.n, 1, Int64(self.n), Int64(self.n), Int64(self.k), self.signedB ? 0 : 0x80, 1, sums
        )
        var epilogue = epilogue
        epilogue.columnBias = unsafe product.columnBias(UnsafeBufferPointer(start: sums, count: self.n), zeroPoint: aPoint)
        unsafe product.run(
          a + self.left[index] * self.m * self.k, columns: scratch, into: c + index * self.m * self.n * epilogue.width, epilogue: epilogue,
          pool: pool)
      }
    }
    guard left.count >= pool.threadCount else {
      for index in left.indices { one(index) }
      return
    }
    pool.parallelFor(count: left.count, grain: max(1, GemmProduct.serialWork / max(m * n * k, 1))) { range in
      for index in range { one(index) }
    }
  }
}
