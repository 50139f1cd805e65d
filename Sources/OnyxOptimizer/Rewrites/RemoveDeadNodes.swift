extension Rewrite {
  /// A node whose values nothing reads goes. Backwards, so that a dead chain goes in one round.
  static let removeDeadNodes = Rewrite("remove-dead-nodes", changes: .exact, direction: .backward) { site in
    guard site.workspace.isDead(site.index) else { return .noMatch }
    var patch = Patch(for: site)
    patch.remove([site.index])
    return .patch(patch)
  }
}
