import OnyxFigures
import OnyxImages

/// Where the keys of an attention stand in the picture: patches in rows behind tokens that are no patches, or the pixels of
/// a map, perhaps made smaller.
struct KeyPlaces {
  let width: Int
  let height: Int
  /// Keys before the first patch: class token and registers.
  let extra: Int
  private let queries: Int
  private let keys: Int

  var isGrid: Bool { width > 1 && height > 1 }

  init(_ matrix: NumberGrid, input: [Int]?, picture: Pixels?) {
    (queries, keys) = (matrix.height, matrix.width)
    let found = Self.ofMap(keys, input) ?? Self.ofPatches(keys, picture)
    (width, height, extra) = found ?? (keys, 1, 0)
  }

  /// The keys of a window, rows of as many; nil for another number of them.
  init?(window matrix: NumberGrid) {
    let side = Int(Double(matrix.width).squareRoot().rounded())
    guard side > 1, side * side == matrix.width else { return nil }
    (queries, keys, width, height, extra) = (matrix.height, matrix.width, side, side, 0)
  }

  /// What stands in the place of a query without one: a class token before the patches, or a register.
  func name(ofPlaceless query: Int) -> String? {
    guard isGrid, query < extra else { return nil }
    return query == 0 ? "the class token" : "token \(query), which has no place"
  }

  /// The sides of [N, C, H, W], each divided by the same number.
  private static func ofMap(_ keys: Int, _ input: [Int]?) -> (Int, Int, Int)? {
    guard let input, input.count == 4 else { return nil }
    for divisor in 1...8 where (input[2] / divisor) * (input[3] / divisor) == keys { return (input[3] / divisor, input[2] / divisor, 0) }
    return nil
  }

  /// Patches of the picture's shape behind few tokens.
  private static func ofPatches(_ keys: Int, _ picture: Pixels?) -> (Int, Int, Int)? {
    guard let picture, picture.width > 0, picture.height > 0 else { return nil }
    for extra in 0...5 where keys - extra > 3 {
      let patches = keys - extra
      let rows = (Double(patches) * Double(picture.height) / Double(picture.width)).squareRoot().rounded()
      guard rows >= 2, rows <= Double(patches) / 2 else { continue }
      if patches % Int(rows) == 0 { return (patches / Int(rows), Int(rows), extra) }
    }
    return nil
  }

  /// The numbers of a row as a map over the picture.
  func grid(_ row: [Double]) -> NumberGrid? {
    row.count == keys ? NumberGrid(width: width, height: height, values: Array(row.dropFirst(extra))) : nil
  }

  /// The class token where there is one, else the middle of the map.
  var defaultQuery: Int {
    guard isGrid, extra == 0, queries == keys else { return 0 }
    return height / 2 * width + width / 2
  }

  /// The place of a query as shares of the picture's sides; nil for tokens without a place.
  func mark(_ query: Int) -> Figure.Box? {
    guard isGrid, queries == keys, query >= extra, query < keys else { return nil }
    let place = query - extra
    return Figure.Box(
      Double(place % width) / Double(width), Double(place / width) / Double(height), 1 / Double(width), 1 / Double(height))
  }
}
