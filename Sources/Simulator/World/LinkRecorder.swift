import LineCode
import PowerDelivery
import PowerSupervision
import Quantities
public import Trace

/// Keeps what was on the wire as records that `TraceFile.create` can write. Off, it costs a comparison.
public struct LinkRecorder: Sendable {
  public var isOn = false
  public private(set) var records: [TraceRecord] = []

  public init() {}

  /// Hands out what was recorded since the last call, in the order of time.
  public mutating func drain() -> [TraceRecord] {
    // A packet is recorded at its end and stands at its beginning.
    let taken = records.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    records.removeAll(keepingCapacity: true)
    return taken.map(\.element)
  }

  mutating func removeAll() { records.removeAll(keepingCapacity: true) }

  mutating func add(_ kind: TraceEvent.Kind, at now: Instant) {
    records.append(
      TraceRecord(time: Nanoseconds(now.nanoseconds), content: .event(TraceEvent(kind))))
  }

  mutating func add(_ measurement: StageMeasurement, at now: Instant) {
    records.append(
      TraceRecord(
        time: Nanoseconds(now.nanoseconds),
        content: .measurement(TraceMeasurement(vbus: measurement.vbus, current: measurement.current))))
  }

  mutating func add(
    _ ended: EndedSignal, line: String, from start: Instant, to end: Instant, bitRate: BitsPerSecond
  ) {
    records.append(
      TraceRecord(
        time: Nanoseconds(start.nanoseconds), end: Nanoseconds(end.nanoseconds), line: line,
        content: LinkRecorder.content(ended, bitRate: bitRate)))
  }

  private static func content(_ ended: EndedSignal, bitRate: BitsPerSecond) -> TraceRecord.Content {
    switch ended.kind {
    case .hardReset: return .reset(.hardReset)
    case .cableReset: return .reset(.cableReset)
    case .carrier: return .event(TraceEvent(.other, text: "BIST carrier"))
    case .packet: break
    }
    let message = ended.message.message
    var bytes: [UInt8] = []
    bytes.reserveCapacity(message.byteCount)
    for index in 0..<message.bytes.count { bytes.append(message.bytes[index]) }
    let crc = CRC32(of: bytes.span).value
    return .packet(
      TracePacket(
        orderedSet: ended.message.orderedSet, bytes: bytes, crc: ended.isSound ? crc : ~crc,
        validity: ended.isSound ? .crcHolds : .crcWrong, bitRate: bitRate))
  }
}

/// Keeps what happened for those who watch. Off, it costs a comparison.
public struct LinkWatcher: Sendable {
  public var isOn = false
  /// The number of the link in its world.
  var link = 0
  private var events: [WorldEvent] = []
  private var lastVBUS = Millivolts(-1)

  public init() {}

  /// Hands out what happened since the last call, in the order of time.
  public mutating func drain() -> [WorldEvent] {
    let taken = events
    events.removeAll(keepingCapacity: true)
    return taken
  }

  mutating func add(_ content: WorldEvent.Content, at now: Instant) {
    events.append(WorldEvent(time: now, link: link, content: content))
  }

  /// Notes VBUS where it has changed.
  mutating func note(_ vbus: Millivolts, at now: Instant) {
    guard vbus != lastVBUS else { return }
    lastVBUS = vbus
    add(.vbus(vbus), at: now)
  }

  mutating func removeAll() { events.removeAll(keepingCapacity: true) }
}

extension Link {
  mutating func record(_ ended: EndedSignal) {
    let side = ended.sender.side ?? .charger
    recorder.add(
      ended, line: cable.pin(side) == .cc1 ? "CC1" : "CC2", from: wire.start(of: ended.sender), to: now,
      bitRate: wire.bitRate(of: ended.sender))
  }

  mutating func record(_ measurement: StageMeasurement) { recorder.add(measurement, at: now) }
}
