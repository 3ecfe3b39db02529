public import PowerDelivery
public import Quantities

/// What is timed.
public enum TimingMetric: UInt8, CaseIterable, Sendable {
  /// End of a packet to the beginning of its GoodCRC.
  case goodCRC
  /// End of the own GoodCRC for a Request to Accept, Reject or Wait.
  case requestAnswer
  /// End of the own GoodCRC for capabilities to the Request.
  case capabilitiesAnswer
  /// The same for every other answer.
  case otherAnswer
  /// End of the own GoodCRC for a Vendor_Defined message to the answer.
  case vendorAnswer
  /// End of a packet without GoodCRC to the beginning of its retry.
  case retry
  /// End of an unanswered Source_Capabilities to the beginning of the next.
  case capabilitiesInterval
  /// VBUS at vSafe5V to the beginning of the first Source_Capabilities.
  case firstCapabilities
  /// End of the GoodCRC for Accept to the beginning of PS_RDY: between objects, SPR and EPR, then within one object.
  case transitionSPR, transitionEPR, transitionPPSSmall, transitionPPSLarge, transitionAVSSmall,
    transitionAVSLarge
  /// Hard Reset to the supply going off, from there to vSafe0V, from there to the supply going on, SPR and EPR.
  case hardResetFall, hardResetOff, hardResetRecoverySPR, hardResetRecoveryEPR
  /// The supply going on to vSafe5V.
  case turnOn
  /// Hard Reset to vSafe5V; no limit of its own.
  case hardResetToSafe5V
  /// The supply going on for the first time to the first PS_RDY; no limit in the standard.
  case attachToContract

  public var name: StaticString {
    switch self {
    case .goodCRC: "message to GoodCRC (tTransmit)"
    case .requestAnswer: "Request to Accept (tReceiverResponse)"
    case .capabilitiesAnswer: "capabilities to Request (tReceiverResponse)"
    case .vendorAnswer: "vendor's message to answer (tReceiverResponse)"
    case .otherAnswer: "other answers (tReceiverResponse)"
    case .retry: "message to retry (tReceive, tRetry)"
    case .capabilitiesInterval: "Source_Capabilities interval (tTypeCSendSourceCap)"
    case .firstCapabilities: "vSafe5V to Source_Capabilities (tFirstSourceCap)"
    case .transitionSPR: "Accept to PS_RDY (tSrcTransReq SPR)"
    case .transitionEPR: "Accept to PS_RDY (tSrcTransReq EPR)"
    case .transitionPPSSmall: "Accept to PS_RDY (tPpsSrcTransSmall)"
    case .transitionPPSLarge: "Accept to PS_RDY (tPpsSrcTransLarge)"
    case .transitionAVSSmall: "Accept to PS_RDY (tAvsSrcTransSmall)"
    case .transitionAVSLarge: "Accept to PS_RDY (tAvsSrcTransLarge)"
    case .hardResetFall: "Hard Reset to VBUS off (tPSHardReset)"
    case .hardResetOff: "VBUS off to vSafe0V (tSafe0V)"
    case .hardResetRecoverySPR: "vSafe0V to VBUS on (tSrcRecover SPR)"
    case .hardResetRecoveryEPR: "vSafe0V to VBUS on (tSrcRecover EPR)"
    case .turnOn: "VBUS on to vSafe5V (tSrcTurnOn)"
    case .hardResetToSafe5V: "Hard Reset to vSafe5V"
    case .attachToContract: "first VBUS on to PS_RDY"
    }
  }

  /// The limits; both `nil` where there are none.
  public var limits: TimerLimits {
    switch self {
    case .goodCRC: Timing.transmit
    case .requestAnswer, .capabilitiesAnswer, .otherAnswer, .vendorAnswer: Timing.receiverResponse
    case .retry:
      TimerLimits(
        minimum: Timing.receive.minimum, nominal: nil,
        maximum: (Timing.receive.maximum ?? .zero) + (Timing.retry(.revision3).maximum ?? .zero))
    case .capabilitiesInterval:
      // The timer starts when the last retry has failed.
      TimerLimits(
        minimum: Timing.typeCSendSourceCap.minimum, nominal: nil,
        maximum: (Timing.typeCSendSourceCap.maximum ?? .zero) + (Timing.receive.maximum ?? .zero))
    case .firstCapabilities: Timing.firstSourceCap
    case .transitionSPR:
      TimerLimits(
        minimum: Timing.srcTransition.minimum, nominal: nil, maximum: Timing.srcTransReqSPR.maximum)
    case .transitionEPR:
      TimerLimits(
        minimum: Timing.srcTransition.minimum, nominal: nil, maximum: Timing.srcTransReqEPR.maximum)
    case .transitionPPSSmall: Timing.ppsSrcTransSmall
    case .transitionPPSLarge: Timing.ppsSrcTransLarge
    case .transitionAVSSmall: Timing.avsSrcTransSmall
    case .transitionAVSLarge: Timing.avsSrcTransLarge
    case .hardResetFall: Timing.psHardReset
    case .hardResetOff: Timing.safe0V
    case .hardResetRecoverySPR: Timing.srcRecoverSPR
    case .hardResetRecoveryEPR: Timing.srcRecoverEPR
    case .turnOn: Timing.srcTurnOn
    case .hardResetToSafe5V, .attachToContract: TimerLimits(minimum: nil, nominal: nil, maximum: nil)
    }
  }

  static var count: Int { 21 }
}

/// How long things took: of each metric the count, the extremes and a histogram whose classes are an eighth of an
/// octave wide (9 %). Adding a sample allocates nothing; summaries of several referees can be merged.
public struct ResponseTimings: Sendable {
  private static var classesPerMetric: Int { 320 }

  private var histogram: [UInt32]
  private var counts: [Int]
  private var least: [Int64]
  private var most: [Int64]

  public init() {
    histogram = Array(repeating: 0, count: TimingMetric.count * ResponseTimings.classesPerMetric)
    counts = Array(repeating: 0, count: TimingMetric.count)
    least = Array(repeating: .max, count: TimingMetric.count)
    most = Array(repeating: .min, count: TimingMetric.count)
  }

  mutating func add(_ span: Nanoseconds, to metric: TimingMetric) {
    let index = Int(metric.rawValue)
    counts[index] &+= 1
    least[index] = min(least[index], span.rawValue)
    most[index] = max(most[index], span.rawValue)
    histogram[index &* ResponseTimings.classesPerMetric &+ ResponseTimings.place(span.rawValue)] &+= 1
  }

  public mutating func merge(_ other: ResponseTimings) {
    for index in histogram.indices { histogram[index] &+= other.histogram[index] }
    for index in counts.indices {
      counts[index] &+= other.counts[index]
      least[index] = min(least[index], other.least[index])
      most[index] = max(most[index], other.most[index])
    }
  }

  public func count(_ metric: TimingMetric) -> Int { counts[Int(metric.rawValue)] }

  public func minimum(_ metric: TimingMetric) -> Nanoseconds? {
    count(metric) == 0 ? nil : Nanoseconds(least[Int(metric.rawValue)])
  }

  public func maximum(_ metric: TimingMetric) -> Nanoseconds? {
    count(metric) == 0 ? nil : Nanoseconds(most[Int(metric.rawValue)])
  }

  /// The value that `share` of the samples do not exceed, up to the width of a class; `nil` without samples.
  /// - Parameter share: in per cent.
  public func percentile(_ share: Percent, _ metric: TimingMetric) -> Nanoseconds? {
    let total = count(metric)
    guard total > 0 else { return nil }
    let rank = max(1, (total * Int(share.rawValue) + 99) / 100)
    let first = Int(metric.rawValue) * ResponseTimings.classesPerMetric
    var seen = 0
    for index in 0..<ResponseTimings.classesPerMetric {
      seen += Int(histogram[first + index])
      guard seen >= rank else { continue }
      let end = ResponseTimings.end(of: index)
      return Nanoseconds(min(max(end, least[Int(metric.rawValue)]), most[Int(metric.rawValue)]))
    }
    return maximum(metric)
  }

  /// Eight classes an octave: the position of the highest bit and the three bits behind it.
  private static func place(_ nanoseconds: Int64) -> Int {
    guard nanoseconds > 8 else { return nanoseconds > 0 ? Int(nanoseconds) : 0 }
    let exponent = 63 &- nanoseconds.leadingZeroBitCount
    let mantissa = Int(nanoseconds >> Int64(exponent &- 3)) & 7
    return min(classesPerMetric &- 1, (exponent &- 2) &* 8 &+ mantissa)
  }

  /// The highest value of a class.
  private static func end(of place: Int) -> Int64 {
    guard place >= 8 else { return Int64(place) }
    let exponent = place / 8 + 2
    let mantissa = Int64(place % 8) + 8
    return ((mantissa + 1) << Int64(exponent - 3)) - 1
  }
}

extension ResponseTimings: CustomStringConvertible {
  /// A table: a line for each metric that has samples.
  public var description: String {
    var lines = [ResponseTimings.row("", "min", "p50", "p99", "max", "limit", "count")]
    for metric in TimingMetric.allCases where count(metric) > 0 {
      lines.append(
        ResponseTimings.row(
          "\(metric.name)", ResponseTimings.text(minimum(metric)),
          ResponseTimings.text(percentile(Percent(50), metric)),
          ResponseTimings.text(percentile(Percent(99), metric)), ResponseTimings.text(maximum(metric)),
          ResponseTimings.text(metric.limits), "\(count(metric))"))
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ name: String, _ cells: String...) -> String {
    let padding = String(repeating: " ", count: max(0, 52 - name.count))
    return name + padding
      + cells.map { String(repeating: " ", count: max(1, 18 - $0.count)) + $0 }.joined()
  }

  private static func text(_ limits: TimerLimits) -> String {
    switch (limits.minimum, limits.maximum) {
    case (nil, nil): "-"
    case (nil, let most): "≤ " + text(most)
    case (let least, nil): "≥ " + text(least)
    case (let least, let most): text(least) + "…" + text(most)
    }
  }

  /// In milliseconds with up to three decimals, or microseconds below one.
  private static func text(_ span: Nanoseconds?) -> String {
    guard let span else { return "-" }
    if span.rawValue < 1_000_000 { return "\(span.rawValue / 1_000) µs" }
    let microseconds = span.rawValue / 1_000
    let decimals = "\(microseconds % 1_000)"
    guard microseconds % 1_000 != 0 else { return "\(microseconds / 1_000) ms" }
    let zeros = String(repeating: "0", count: 3 - decimals.count)
    return "\(microseconds / 1_000).\(zeros)\(decimals) ms"
  }
}
