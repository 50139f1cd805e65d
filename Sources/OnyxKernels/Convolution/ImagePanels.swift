/// Columns of B read from a staged image: column p (pixel) of row t (tap) is
/// `base[taps[t] + bases[p / rowLength] + p % rowLength]`.
///
/// SAFETY: a description only; the maker guarantees that each such element exists.
@safe package struct ImagePanels {
  let base: UnsafePointer<Float>
  let taps: UnsafePointer<Int64>
  let bases: UnsafePointer<Int64>
  let rowLength: Int
}
