public import Instruments
public import Quantities
public import Trace

/// What a meter has measured over a time: extremes, means, charge and energy.
///
/// Between two measurements a value is taken to run straight from the one to the other. Where they are further apart than
/// `longestGap`, nobody knows what was between them: that time counts for nothing.
public struct MeterStatistics: Equatable, Sendable {
  /// Further apart than this, measurements have nothing to do with each other.
  public let longestGap: Nanoseconds
  /// Measurements so far.
  public private(set) var count = 0
  private var firstTime: Nanoseconds?
  private var lastTime = Nanoseconds.zero
  private var vbusTrack = Track()
  private var currentTrack = Track()
  /// In microwatts.
  private var powerTrack = Track()

  public init(longestGap: Nanoseconds = Nanoseconds(Milliseconds(2000))) { self.longestGap = longestGap }

  /// Takes a measurement; they come in the order of time.
  public mutating func add(_ measurement: TraceMeasurement, at time: Nanoseconds) {
    count += 1
    firstTime = firstTime ?? time
    lastTime = max(lastTime, time)
    if let vbus = measurement.vbus { vbusTrack.add(Int64(vbus.rawValue), at: time, longestGap) }
    if let current = measurement.current { currentTrack.add(Int64(current.rawValue), at: time, longestGap) }
    if let vbus = measurement.vbus, let current = measurement.current {
      powerTrack.add(Int64(vbus.rawValue) * Int64(current.rawValue), at: time, longestGap)
    }
  }

  /// From the first measurement to the last.
  public var span: Nanoseconds { lastTime - (firstTime ?? lastTime) }

  /// How much of it lies in gaps that are too long.
  public var unmeasured: Nanoseconds { span - vbusTrack.span }

  /// The extremes of a quantity, and its mean over time.
  public struct Extremes<Value: Quantity>: Equatable, Sendable {
    public var minimum: Value
    public var maximum: Value
    public var mean: Value

    public init(minimum: Value, maximum: Value, mean: Value) {
      self.minimum = minimum
      self.maximum = maximum
      self.mean = mean
    }
  }

  /// `nil` where it was not measured.
  public var vbus: Extremes<Millivolts>? {
    vbusTrack.extremes { Millivolts(Int32(clamping: $0)) }
  }

  /// With the sign that the meter gives it; `nil` where it was not measured.
  public var current: Extremes<Milliamperes>? {
    currentTrack.extremes { Milliamperes(Int32(clamping: $0)) }
  }

  /// `nil` where VBUS and current were not measured together.
  public var power: Extremes<Milliwatts>? {
    powerTrack.extremes { Milliwatts(Int32(clamping: $0.dividedRounding(by: 1000))) }
  }

  /// What has flowed, less what has flowed back; `nil` where no current was measured.
  public var charge: MicroampereHours? {
    // Twice mA × ns.
    guard !currentTrack.isEmpty else { return nil }
    return MicroampereHours(
      Int64(clamping: currentTrack.doubledSum.dividedRounding(by: 7_200_000_000)))
  }

  /// What has been carried, less what has been carried back; `nil` where no power was measured.
  public var energy: MicrowattHours? {
    // Twice µW × ns.
    guard !powerTrack.isEmpty else { return nil }
    return MicrowattHours(
      Int64(clamping: powerTrack.doubledSum.dividedRounding(by: 7_200_000_000_000)))
  }

  /// One quantity on its way through time.
  private struct Track: Equatable {
    var doubledSum: Int128 = 0
    var span = Nanoseconds.zero
    private var minimum = Int64.max
    private var maximum = Int64.min
    private var last: Point?

    var isEmpty: Bool { last == nil }

    private struct Point: Equatable {
      var time: Nanoseconds
      var value: Int64
    }

    mutating func add(_ value: Int64, at time: Nanoseconds, _ longestGap: Nanoseconds) {
      minimum = min(minimum, value)
      maximum = max(maximum, value)
      if let last, time >= last.time, time - last.time <= longestGap {
        let step = time - last.time
        doubledSum += (Int128(value) + Int128(last.value)) * Int128(step.rawValue)
        span = span + step
      }
      last = Point(time: time, value: value)
    }

    func extremes<Value: Quantity>(_ make: (Int128) -> Value) -> Extremes<Value>? {
      guard let last else { return nil }
      // Without any time between them the last one stands for all.
      let mean =
        span > .zero ? doubledSum.dividedRounding(by: 2 * Int128(span.rawValue)) : Int128(last.value)
      return Extremes(minimum: make(Int128(minimum)), maximum: make(Int128(maximum)), mean: make(mean))
    }
  }
}

extension Int128 {
  /// To the nearest, halves away from zero; `divisor` is above 0.
  fileprivate func dividedRounding(by divisor: Int128) -> Int128 {
    let half = divisor / 2
    return (self < 0 ? self - half : self + half) / divisor
  }
}
