import Quantities

/// What the source's Rp tells a sink that measures vRd (USB Type-C R2.x Table 4-38).
enum RpLevel: String, Sendable {
  case usbDefault = "the default level"
  case amperes1_5 = "1.5 A"
  case amperes3 = "3.0 A"

  /// The level of a voltage on CC; `nil` between the windows, where nothing is attached, and during a packet.
  init?(_ voltage: Millivolts) {
    switch voltage.rawValue {
    case 1_310...2_040: self = .amperes3
    case 700...1_160: self = .amperes1_5
    case 250...610: self = .usbDefault
    default: return nil
    }
  }
}

/// Looks for times during which the phone was not allowed to speak: a PD 3.0 sink starts a message only while Rp says
/// 3.0 A (SinkTxOK, USB-PD R3.2 §5.7).
struct RpWatch: Sendable {
  /// A stretch of samples below 3.0 A with no word of the phone in between.
  struct Low: Equatable, Sendable {
    var start: EntryPlace
    var end: Nanoseconds
    var level: RpLevel
    var sampleCount = 1
    var span: Nanoseconds { end - start.time }
  }

  /// Shorter stretches surround the source's own messages, when it keeps the sink quiet by right.
  private static let leastSpan = Nanoseconds(Milliseconds(100))
  private static let leastSamples = 3

  /// Whether CC was measured at all.
  private(set) var hasSamples = false
  /// The longest stretch so far that counts.
  private(set) var longest: Low?
  private var current: Low?

  mutating func add(_ measurement: TraceMeasurement, at place: EntryPlace) {
    // One of the two pins carries Rp; the other one is open or VCONN and lies outside of the windows.
    guard
      let voltage = [measurement.cc1, measurement.cc2].compactMap({ $0 }).filter({ RpLevel($0) != nil })
        .max(),
      let level = RpLevel(voltage)
    else { return }
    hasSamples = true
    guard level != .amperes3 else {
      current = nil
      return
    }
    var low = current ?? Low(start: place, end: place.time, level: level, sampleCount: 0)
    low.end = place.time
    low.sampleCount += 1
    current = low
    guard low.span >= Self.leastSpan, low.sampleCount >= Self.leastSamples else { return }
    if longest.map({ $0.span < low.span }) ?? true { longest = low }
  }

  /// The phone spoke: it was allowed to.
  mutating func sinkSpoke() { current = nil }
}
