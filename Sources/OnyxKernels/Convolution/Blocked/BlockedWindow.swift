import CKernels
import OnyxThreads

/// Windows over the planes of a channel-blocked image: the geometry that the kernels read and the chunks of output rows that
/// threads share. A chunk is small enough that what follows the window finds it in the first-level cache.
struct BlockedWindow: Sendable {
  let window: onyx_window
  /// Pixels of an input and of an output plane.
  let inputCount, outputCount: Int
  let tapCount: Int
  private let height, width, chunkRows: Int

  private static let chunkBytes = 16 << 10

  /// The geometry has two spatial axes and some output.
  init?(_ g: WindowExtents) {
    guard g.input.count == 2, g.outputCount > 0 else { return nil }
    let pair = { (list: [Int]) in (y: Int64(list[0]), x: Int64(list[1])) }
    let (input, output, kernel) = (pair(g.input), pair(g.output), pair(g.kernel))
    let (strides, dilations, pads) = (pair(g.strides), pair(g.dilations), pair(g.padsBegin))
    window = onyx_window(
      height: input.y, width: input.x, out_height: output.y, out_width: output.x, kernel_height: kernel.y, kernel_width: kernel.x,
      stride_y: strides.y, stride_x: strides.x, dilation_y: dilations.y, dilation_x: dilations.x, pad_y: pads.y, pad_x: pads.x)
    (inputCount, outputCount, tapCount) = (g.inputCount, g.outputCount, g.tapCount)
    (height, width) = (g.output[0], g.output[1])
    let most = max(1, Self.chunkBytes / (width * Int(ONYX_BLOCK) * MemoryLayout<Float>.stride))
    let chunks = (height + most - 1) / most
    chunkRows = (height + chunks - 1) / chunks
  }

  /// Calls `body` for every chunk of rows of `planes` planes. `terms` are the operations of one output element.
  func forEachChunk(planes: Int, terms: Int, pool: ThreadPool, _ body: (Chunk) -> Void) {
    let chunks = (height + chunkRows - 1) / chunkRows
    let work = chunkRows * width * Int(ONYX_BLOCK) * terms
    pool.parallelFor(count: planes * chunks, grain: max(1, GemmProduct.serialWork / max(work, 1))) { range in
      for task in range {
        let (plane, chunk) = task.quotientAndRemainder(dividingBy: chunks)
        let first = chunk * chunkRows
        body(Chunk(plane: plane, firstRow: first, rows: min(chunkRows, height - first), width: width))
      }
    }
  }

  /// Neighbouring output rows of one plane.
  struct Chunk {
    let plane, firstRow, rows, width: Int

    /// The pixel in its plane that the rows begin at, and how many they have.
    var firstPixel: Int { firstRow * width }
    var pixels: Int { rows * width }
  }
}
