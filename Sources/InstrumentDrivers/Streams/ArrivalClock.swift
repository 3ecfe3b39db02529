import Quantities

/// The clock of an instrument, tied to that of the listening by the first thing that comes.
///
/// What is tied stays tied, so that spans are the instrument's; it is tied anew where the instrument's clock goes back,
/// because it was started again, or is too far off.
struct ArrivalClock {
  /// How far the two may be apart before they are tied anew.
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
      if max(place, arrival) - min(place, arrival) <= Self.tolerance { return place }
    }
    offset = arrival - deviceTime
    return arrival
  }
}
