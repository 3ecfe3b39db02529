import InstrumentDrivers
import LineCode
import Quantities
import Simulator
import Trace
import USBSupport
import USBTransport

/// A conversation that a Dr. PD hears, and what is to come of it.
struct DrPDTalk {
  var records: [DrPDModel.Record] = []
  /// Contents, with host times in µs; `nil` for records without a time.
  var expected: [(time: Int64?, content: TraceRecord.Content)] = []

  /// The device's clock at host time 0.
  static let start = Microseconds(1_000_000)

  /// Packets, resets, a packet with a wrong CRC, one that the device lost and its pulses keep, a firmware event.
  static func all(_ habits: DrPDModel.Habits = DrPDModel.Habits()) -> DrPDTalk {
    var talk = DrPDTalk()
    for round in 0..<6 {
      let base = 200_000 + Int64(round) * 30_000
      let message: [UInt8] = [0xA3, 0x03 + 2 * UInt8(round)]
      talk.hear(.sop, message, base, habits)
      talk.hear(.sopPrime, [0x01, 0x01], base + 1100, habits)
      talk.hear(.sop, [0x82, 0x10, 0x2C, 0xB1, 0x04, 0x11], base + 2200, habits)
    }
    talk.hear(.hardReset, [], 400_000, habits)
    talk.hear(.cableReset, [], 410_000, habits)
    talk.hear(.sop, [0xA6, 0x05], 420_000, habits, crc: 0x1234_5678)
    talk.lose([0xA6, 0x07], 430_000, habits)
    return talk
  }

  mutating func hear(
    _ set: OrderedSet, _ message: [UInt8], _ time: Int64, _ habits: DrPDModel.Habits, crc: UInt32? = nil
  ) {
    let record = DrPDModel.record(set, message, at: Self.start + Microseconds(time), crc: crc, habits: habits)
    records.append(record)
    let content: TraceRecord.Content =
      set.startsPacket
      ? .packet(
        TracePacket(
          orderedSet: set, bytes: message, crc: crc ?? CRC32(of: message.span).value,
          validity: crc == nil ? .crcHolds : .crcWrong)) : .reset(set)
    expected.append((habits.hidesStart ? nil : time, content))
  }

  /// The device reports a runt pulse and half a packet; the pulses hold all of it.
  mutating func lose(_ message: [UInt8], _ time: Int64, _ habits: DrPDModel.Habits) {
    hear(.sop, message, time, habits)
    var payload = records[records.count - 1].payload
    payload[16] = 4
    // One byte of the data is wrong.
    payload[payload.count - 5] ^= 0x55
    records[records.count - 1].payload = payload
  }

  /// Whether this is part of it.
  func contains(_ content: TraceRecord.Content) -> Bool {
    var content = content
    if case .packet(var packet) = content {
      packet.bitRate = nil
      content = .packet(packet)
    }
    return expected.contains { $0.content == content }
  }

  /// What differs in `talk`; empty for nothing.
  func differences(_ talk: [TraceRecord]) -> [String] {
    var found: [String] = []
    if talk.count != expected.count { found.append("\(talk.count) records, not \(expected.count)") }
    for (record, wanted) in zip(talk, expected) {
      var content = record.content
      if case .packet(var packet) = content {
        packet.bitRate = nil
        content = .packet(packet)
      }
      if content != wanted.content { found.append("\(content), not \(wanted.content)") }
      if let time = wanted.time, record.time != Nanoseconds(Microseconds(time)) {
        found.append("at \(record.time), not \(time) µs")
      }
    }
    return found
  }
}

/// A Dr. PD that hears a conversation.
struct DrPDBench {
  let plugged: PluggedDevice<DrPDModel>
  let context: USBContext
  let device: USBDevice
  var end = Nanoseconds.milliseconds(800)
  var happenings: Happenings<DrPDModel>?

  init(
    _ records: [DrPDModel.Record] = [], habits: DrPDModel.Habits = DrPDModel.Habits(),
    startTime: Microseconds = DrPDTalk.start, faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) throws {
    var model = DrPDModel(records, habits: habits)
    model.startTime = startTime
    plugged = PluggedDevice(model, faults: faults)
    context = try USBContext()
    device = try plugged.open(context)
  }

  func pace(_ isOver: @escaping @Sendable (DrPDModel) -> Bool) -> ModelPace<DrPDModel> {
    ModelPace(plugged: plugged, isOver: isOver, happenings: happenings)
  }

  /// Listens until the model's time is `end`.
  func listen(_ polls: DrPDPolls = DrPDPolls()) throws -> Heard {
    let instrument = try DrPD(device, polls: polls)
    let end = end
    return Heard(instrument, pace { $0.hostTime >= end })
  }
}
