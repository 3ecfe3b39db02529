import Quantities

/// What can be due on a link. Of two that are due together, the lower raw value is served first.
enum EventSlot: Int {
  case chargerTransmitter, phoneTransmitter, nearPlugTransmitter, farPlugTransmitter
  case delivery
  case chargerSilicon, phoneSilicon
  case chargerVBUS, phoneVBUS
  case chargerSupervisor, phoneSupervisor
  case chargerEngine, phoneEngine
  case chargerMischief, phoneMischief
  case agenda

  static var count: Int { 16 }
}

/// The times at which the few sources of events of a link are due.
///
/// Each source has one place and at most one time, so the next event is a scan over sixteen numbers: quicker than any
/// queue that has to be kept in order, and without memory of its own.
struct EventSlots {
  private var times = InlineArray<16, Int64>(repeating: .max)

  subscript(slot: EventSlot) -> Instant {
    get { Instant(nanoseconds: times[slot.rawValue]) }
    set { times[slot.rawValue] = newValue.nanoseconds }
  }

  /// The slot of one of a family: transmitters, engines, supervisors and so on, counted from its first.
  subscript(family: EventSlot, index: Int) -> Instant {
    get { Instant(nanoseconds: times[family.rawValue &+ index]) }
    set { times[family.rawValue &+ index] = newValue.nanoseconds }
  }

  /// What is due first, and when; `.distantFuture` where nothing is.
  var next: (slot: EventSlot, time: Instant) {
    @inline(__always) get {
      // Two chains of comparisons that do not wait for each other.
      var earliest = times[0]
      var place = 0
      var second = times[8]
      var secondPlace = 8
      for index in 1..<8 {
        let time = times[index]
        let isEarlier = time < earliest
        earliest = isEarlier ? time : earliest
        place = isEarlier ? index : place
        let other = times[index &+ 8]
        let isOtherEarlier = other < second
        second = isOtherEarlier ? other : second
        secondPlace = isOtherEarlier ? index &+ 8 : secondPlace
      }
      if second < earliest {
        earliest = second
        place = secondPlace
      }
      return (EventSlot(rawValue: place) ?? .agenda, Instant(nanoseconds: earliest))
    }
  }
}
