package import Quantities

/// The transfers of one or several KM003C on one time line, which begins with the first of them.
package struct KM003CTimeline {
  private var sessions: [UInt32: KM003CSession] = [:]
  private var order: TimeOrder
  private var ready = RecordQueue()
  private var start: Nanoseconds?

  var isEmpty: Bool { sessions.isEmpty }

  /// - Parameter window: how long records are held until older ones have come; a meter that is polled for its queue of
  ///   samples reaches back a second.
  package init(window: Nanoseconds = Nanoseconds(Milliseconds(2000))) { order = TimeOrder(window: window) }

  /// Takes a transfer of the bulk endpoints 0x01 (to the meter) or 0x81 (from it).
  /// - Parameters:
  ///   - meter: any number that tells the meters apart.
  ///   - hostTime: when the host made the transfer.
  package mutating func take(
    _ transfer: [UInt8], of meter: UInt32, fromMeter: Bool, at hostTime: Nanoseconds
  ) {
    let time = place(hostTime)
    for record in sessions[meter, default: KM003CSession()].take(transfer, fromMeter: fromMeter, at: time) {
      order.insert(record)
    }
    order.pass(time)
    order.release(to: &ready)
  }

  /// Takes what the listener itself has to say.
  package mutating func take(_ event: TraceEvent, at hostTime: Nanoseconds) {
    order.insert(TraceRecord(time: place(hostTime), content: .event(event)))
  }

  /// Tells that nothing came until `hostTime`.
  package mutating func pass(_ hostTime: Nanoseconds) {
    order.pass(place(hostTime))
    order.release(to: &ready)
  }

  private mutating func place(_ hostTime: Nanoseconds) -> Nanoseconds {
    let first = start ?? hostTime
    start = first
    return hostTime - first
  }

  /// The next record that is ready.
  package mutating func popFirst() -> TraceRecord? { ready.popFirst() }

  /// Makes ready what is still held.
  package mutating func finish() { order.releaseAll(to: &ready) }
}
