import PowerDelivery
public import Quantities

/// A power stage in the hands of the guard: what is left when the daemon is gone.
///
/// The guard follows what the daemon does, so that it knows what it takes over, and needs one thing of the stage: that
/// it goes to 0 V.
public protocol GuardedStage {
  /// The daemon has told the stage this.
  mutating func follow(_ setPoint: StageSetPoint, at now: Instant)
  /// Switch the output off and discharge VBUS. Called again until `voltage` is at vSafe0V.
  mutating func shutDown(at now: Instant)
  /// VBUS at the connector.
  func voltage(at now: Instant) -> Millivolts
}

/// A stage that exists only as a model: VBUS falls exponentially through the discharge resistor.
public struct ModelledStage: GuardedStage, Equatable, Sendable {
  /// Capacitance on VBUS times discharge resistance: 10 µF and 750 Ω, from 20 V to 0.8 V in 24 ms.
  public static var timeConstant: Nanoseconds { Nanoseconds(7_500_000) }

  private var setPoint = StageSetPoint()
  private var dischargeStart: Instant?

  public init() {}

  public mutating func follow(_ setPoint: StageSetPoint, at now: Instant) {
    self.setPoint = setPoint
    dischargeStart = nil
  }

  public mutating func shutDown(at now: Instant) {
    guard dischargeStart == nil else { return }
    dischargeStart = now
  }

  public func voltage(at now: Instant) -> Millivolts {
    guard let dischargeStart else { return setPoint.measured }
    return ModelledStage.decay(of: setPoint.measured, after: now - dischargeStart)
  }

  /// e to the power of −t/τ by halving the exponent: exact enough, and the same everywhere.
  static func decay(of voltage: Millivolts, after span: Nanoseconds) -> Millivolts {
    guard span > .zero else { return voltage }
    let exponent = Double(span.rawValue) / Double(timeConstant.rawValue)
    guard exponent < 40 else { return .zero }
    // (1 − x/2¹⁶)^(2¹⁶) by squaring sixteen times.
    var factor = 1 - exponent / 65_536
    for _ in 0..<16 { factor *= factor }
    return Millivolts(Int32(Double(voltage.rawValue) * factor))
  }
}
