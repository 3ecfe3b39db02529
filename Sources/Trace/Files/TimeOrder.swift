import Quantities

/// Brings records that arrive slightly out of order into the order of time.
///
/// A record is held until the sources have passed it by `window`; no more than `capacity` are held. One that comes later
/// than that is given the time of the last record released, so that time never goes back.
struct TimeOrder {
  private var held: [TraceRecord] = []
  private var passed: Nanoseconds?
  private var released: Nanoseconds?
  private let window: Nanoseconds
  private static let capacity = 1 << 14

  init(window: Nanoseconds) { self.window = window }

  mutating func insert(_ record: TraceRecord) {
    var record = record
    if let released, record.time < released { record.time = released }
    var place = held.count
    while place > 0 && held[place - 1].time > record.time { place -= 1 }
    held.insert(record, at: place)
  }

  /// Tells that no record older than `time` less the window will come.
  mutating func pass(_ time: Nanoseconds) { passed = max(passed ?? time, time) }

  /// Moves what is ready to `queue`.
  mutating func release(to queue: inout RecordQueue) {
    guard let passed else { return }
    let limit = passed - window
    var ready = held.firstIndex { $0.time >= limit } ?? held.count
    ready = max(ready, held.count - Self.capacity)
    for record in held[..<ready] { queue.append(record) }
    if ready > 0 { released = held[ready - 1].time }
    held.removeFirst(ready)
  }

  /// Moves everything to `queue`.
  mutating func releaseAll(to queue: inout RecordQueue) {
    for record in held { queue.append(record) }
    held.removeAll()
  }
}
