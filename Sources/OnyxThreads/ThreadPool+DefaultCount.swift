import COnyxSystem
import OnyxTensor

extension ThreadPool {
  /// Processors in the affinity mask, limited by the control group's quota rounded up; at least 1.
  package static var defaultThreadCount: Int {
    let processors = Int(csystem_processor_count())
    guard let quota = controlGroupQuota else { return max(processors, 1) }
    return max(min(processors, Int(quota.rounded(.up))), 1)
  }

  /// Processors the control group may use per period, nil without a limit.
  private static var controlGroupQuota: Double? {
    ControlGroup.contents("cpu.max", version1: ["cpu%/cpu.cfs_quota_us", "cpu%/cpu.cfs_period_us"]).compactMap(parseQuota).min()
  }

  /// Parses "QUOTA PERIOD" in microseconds; "max" and negative quotas mean no limit.
  static func parseQuota(_ text: String) -> Double? {
    let words = text.split { $0 == " " || $0 == "\n" }
    guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), quota > 0, period > 0
    else { return nil }
    return quota / period
  }
}
