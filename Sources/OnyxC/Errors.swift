// The names are those of onyx.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
//
// SAFETY: addresses are those of `Handle`, and the place of an error lives as long as the call.

import COnyx
import Onyx

/// What a failed function stores for its caller.
final class ErrorHandle: Sendable {
  let code: onyx_code
  let message: CText

  init(_ error: OnyxError) {
    code = error.code.exitCode
    message = CText(error.description)
  }
}

/// Where a function that can fail stores what went wrong.
public typealias ErrorPlace = UnsafeMutablePointer<OpaquePointer?>

/// Runs the body of a function that can fail.
func attempt(_ place: ErrorPlace?, _ body: () throws(OnyxError) -> Void) -> onyx_code {
  do throws(OnyxError) {
    try body()
    return onyx_code(ONYX_OK)
  } catch {
    if let place = unsafe place { unsafe place.pointee = Handle.make(ErrorHandle(error)) }
    return error.code.exitCode
  }
}

@c @implementation public func onyx_error_code(_ error: OpaquePointer!) -> onyx_code {
  unsafe Handle.object(error, as: ErrorHandle.self)?.code ?? onyx_code(ONYX_OK)
}

@c @implementation public func onyx_error_message(_ error: OpaquePointer!) -> UnsafePointer<CChar>! {
  unsafe Handle.object(error, as: ErrorHandle.self).map { unsafe UnsafePointer($0.message.address) }
}

@c @implementation public func onyx_error_release(_ error: OpaquePointer!) {
  unsafe Handle.release(error, as: ErrorHandle.self)
}

private let version = CText(Session.version)

@c @implementation public func onyx_version() -> UnsafePointer<CChar>! { unsafe UnsafePointer(version.address) }
