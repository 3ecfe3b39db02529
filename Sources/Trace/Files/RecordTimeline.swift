package import Quantities

/// Records of one live instrument in the order of time, which never goes back.
package struct RecordTimeline {
  private var order: TimeOrder
  private var ready = RecordQueue()
  private var latest = Nanoseconds.zero

  /// - Parameter window: how long records are held until older ones have come.
  package init(window: Nanoseconds) { order = TimeOrder(window: window) }

  /// The time of the youngest record so far.
  package var youngest: Nanoseconds { latest }

  /// Takes a record; a time in front of the beginning counts as the beginning.
  package mutating func take(_ record: TraceRecord) {
    var record = record
    record.time = max(record.time, .zero)
    latest = max(latest, record.time)
    order.insert(record)
  }

  /// Takes what the listener itself has to say.
  package mutating func take(_ event: TraceEvent, at time: Nanoseconds) {
    take(TraceRecord(time: time, content: .event(event)))
  }

  /// Tells that nothing older than `time`, less the window, will come.
  package mutating func pass(_ time: Nanoseconds) {
    order.pass(time)
    order.release(to: &ready)
  }

  /// The next record that is ready.
  package mutating func popFirst() -> TraceRecord? { ready.popFirst() }

  /// Makes ready what is still held.
  package mutating func finish() { order.releaseAll(to: &ready) }
}
