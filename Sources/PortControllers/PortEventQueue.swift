import PortEngine

/// What a controller has to tell its engine: a ring without heap.
///
/// One look at a chip makes a handful of events. What does not fit any more is counted, not kept: nobody has drained.
struct PortEventQueue {
  private var events = InlineArray<16, PortEvent>(repeating: .timeout)
  private var first = 0
  private(set) var count = 0
  /// How many events were lost because nobody took them.
  private(set) var lost: UInt32 = 0

  mutating func append(_ event: PortEvent) {
    guard count < 16 else {
      lost &+= 1
      return
    }
    events[(first &+ count) & 15] = event
    count &+= 1
  }

  mutating func take() -> PortEvent? {
    guard count > 0 else { return nil }
    let event = events[first]
    first = (first &+ 1) & 15
    count &-= 1
    return event
  }
}
