import OnyxTensor
import Synchronization

/// Packed weights of a session by node and layout; plans for other input shapes find them here instead of packing again.
package final class WeightCache: Sendable {
  private let entries = Mutex<[String: any AnyObject & Sendable]>([:])

  package init() {}

  /// The cached object, or the one that `make` gives. Two threads may make the same entry; the first one stays.
  package func value<T: AnyObject & Sendable>(for key: String, _ make: () throws(OnyxError) -> T) throws(OnyxError) -> T {
    if let found = entries.withLock({ $0[key] }) as? T { return found }
    let made = try make()
    return entries.withLock { entries in
      if let earlier = entries[key] as? T { return earlier }
      entries[key] = made
      return made
    }
  }
}
