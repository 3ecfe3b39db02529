import Quantities

/// The transfers of one or several KM003C on one time line, which begins with the first of them.
struct KM003CTimeline {
  private var sessions: [UInt32: KM003CSession] = [:]
  private var order = TimeOrder(window: Nanoseconds(Milliseconds(2000)))
  private var ready = RecordQueue()
  private var start: Nanoseconds?

  var isEmpty: Bool { sessions.isEmpty }

  /// Takes a transfer of the bulk endpoints 0x01 (to the meter) or 0x81 (from it).
  /// - Parameters:
  ///   - meter: any number that tells the meters apart.
  ///   - hostTime: when the host made the transfer.
  mutating func take(_ transfer: [UInt8], of meter: UInt32, fromMeter: Bool, at hostTime: Nanoseconds) {
    let first = start ?? hostTime
    start = first
    let time = hostTime - first
    for record in sessions[meter, default: KM003CSession()].take(transfer, fromMeter: fromMeter, at: time) {
      order.insert(record)
    }
    order.pass(time)
    order.release(to: &ready)
  }

  /// The next record that is ready.
  mutating func popFirst() -> TraceRecord? { ready.popFirst() }

  /// Makes ready what is still held.
  mutating func finish() { order.releaseAll(to: &ready) }
}
