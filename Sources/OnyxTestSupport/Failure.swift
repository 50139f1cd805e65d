import OnyxTensor

/// The error of a call; nil when there was none.
package func failure<T>(_ body: () throws(OnyxError) -> T) -> OnyxError? {
  do throws(OnyxError) {
    _ = try body()
    return nil
  } catch { return error }
}
