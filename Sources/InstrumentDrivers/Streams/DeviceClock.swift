import Quantities

/// The clock of an instrument, tied to that of the listening.
///
/// What comes cannot have come before it happened: the shortest way that a transfer took ties the two. They are tied anew
/// where the instrument's clock goes back, because it was started again, or is too far off.
struct DeviceClock {
  /// How far the instrument's clock may fall behind before it is tied anew.
  static let tolerance = Nanoseconds(Milliseconds(500))

  /// What to add to the instrument's time.
  private var offset: Nanoseconds?
  private var last: Nanoseconds?

  /// When something happened.
  /// - Parameters:
  ///   - deviceTime: as the instrument says.
  ///   - arrival: when it came, on the clock of the listening.
  mutating func place(_ deviceTime: Nanoseconds, arrival: Nanoseconds) -> Nanoseconds {
    let wentBack = last.map { deviceTime < $0 } ?? false
    last = deviceTime
    if let offset, !wentBack {
      let place = deviceTime + offset
      if place <= arrival, arrival - place <= Self.tolerance { return place }
    }
    offset = arrival - deviceTime
    return arrival
  }
}
