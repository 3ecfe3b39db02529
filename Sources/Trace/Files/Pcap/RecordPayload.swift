import Instruments
import LineCode
import Quantities

/// The frame that stands for one record in a file of link type 147, described in `spec/trace-format.md`.
enum RecordPayload {
  static let version: UInt8 = 1
  static let headerLength = 28

  private struct Flags: OptionSet {
    var rawValue: UInt8
    static let end = Self(rawValue: 0x01)
    static let crc = Self(rawValue: 0x02)
    static let bitRate = Self(rawValue: 0x04)
    static let vbus = Self(rawValue: 0x10)
    static let current = Self(rawValue: 0x20)
    static let cc1 = Self(rawValue: 0x40)
    static let cc2 = Self(rawValue: 0x80)
  }

  /// More flags of a measurement.
  private struct MoreFlags: OptionSet {
    var rawValue: UInt8
    static let dPlus = Self(rawValue: 0x01)
    static let dMinus = Self(rawValue: 0x02)
    static let temperature = Self(rawValue: 0x04)
  }

  // MARK: Writing

  /// The frame of a record; its line and time stand outside.
  static func bytes(of record: TraceRecord) -> [UInt8] {
    var head = Head()
    if let end = record.end {
      head.flags.insert(.end)
      head.duration = end.rawValue &- record.time.rawValue
    }
    switch record.content {
    case .packet(let packet): head.fill(packet)
    case .reset(let set):
      head.kind = 1
      head.orderedSet = set.rawValue
    case .event(let event):
      head.kind = 2
      head.event = UInt8(TraceEvent.Kind.allCases.firstIndex(of: event.kind) ?? 0)
      head.text = event.text
    case .measurement(let measurement): head.fill(measurement)
    }
    return head.bytes
  }

  /// The fields of the head before they are bytes.
  private struct Head {
    var kind: UInt8 = 0
    var orderedSet: UInt8 = 0xFF
    var validity: UInt8 = 0
    var flags: Flags = []
    var event: UInt8 = 0
    var moreFlags: MoreFlags = []
    var duration: Int64 = 0
    var crc: UInt32 = 0
    var bitRate: Int32 = 0
    var content: [UInt8] = []
    var text = ""

    mutating func fill(_ packet: TracePacket) {
      orderedSet = packet.orderedSet?.rawValue ?? 0xFF
      switch packet.validity {
      case .crcHolds: validity = 0
      case .notChecked: validity = 1
      case .crcWrong: validity = 2
      case .damaged(let reason):
        validity = 3
        text = reason
      }
      if let value = packet.crc {
        flags.insert(.crc)
        crc = value
      }
      if let rate = packet.bitRate {
        flags.insert(.bitRate)
        bitRate = rate.rawValue
      }
      content = packet.bytes
    }

    mutating func fill(_ measurement: TraceMeasurement) {
      kind = 3
      let values: [(Int32?, Flags)] = [
        (measurement.vbus?.rawValue, .vbus), (measurement.current?.rawValue, .current),
        (measurement.cc1?.rawValue, .cc1), (measurement.cc2?.rawValue, .cc2),
      ]
      for (value, flag) in values {
        if value != nil { flags.insert(flag) }
        content.appendLittleEndian(value ?? 0)
      }
      let more: [(Int32?, MoreFlags)] = [
        (measurement.dPlus?.rawValue, .dPlus), (measurement.dMinus?.rawValue, .dMinus),
        (measurement.temperature?.rawValue, .temperature),
      ]
      guard more.contains(where: { $0.0 != nil }) else { return }
      for (value, flag) in more {
        if value != nil { moreFlags.insert(flag) }
        content.appendLittleEndian(value ?? 0)
      }
    }

    var bytes: [UInt8] {
      var bytes: [UInt8] = [
        version, kind, orderedSet, validity, flags.rawValue, event, moreFlags.rawValue, 0,
      ]
      bytes.appendLittleEndian(duration)
      bytes.appendLittleEndian(crc)
      bytes.appendLittleEndian(bitRate)
      bytes.appendLittleEndian(UInt32(truncatingIfNeeded: content.count))
      return bytes + content + text.utf8
    }
  }

  // MARK: Reading

  /// The record of a frame; `nil` where it is none of this version.
  static func record(_ frame: Span<UInt8>, line: String, time: Nanoseconds) -> TraceRecord? {
    guard frame.count >= headerLength, frame[0] == version,
      let length = frame.littleEndian(UInt32.self, at: 24), Int(length) <= frame.count - headerLength
    else { return nil }
    let textStart = headerLength + Int(length)
    guard
      let content = content(
        frame, bytes: frame.bytes(headerLength..<textStart),
        text: String(decoding: frame.bytes(textStart..<frame.count), as: UTF8.self))
    else { return nil }
    var record = TraceRecord(time: time, line: line, content: content)
    if Flags(rawValue: frame[4]).contains(.end) {
      record.end = Nanoseconds(time.rawValue &+ (frame.littleEndian(Int64.self, at: 8) ?? 0))
    }
    return record
  }

  private static func content(_ frame: Span<UInt8>, bytes: [UInt8], text: String) -> TraceRecord.Content? {
    switch frame[1] {
    case 0: return packet(frame, bytes: bytes, text: text).map { .packet($0) }
    case 1: return OrderedSet(rawValue: frame[2]).map { .reset($0) }
    case 2:
      let kinds = TraceEvent.Kind.allCases
      return Int(frame[5]) < kinds.count ? .event(TraceEvent(kinds[Int(frame[5])], text: text)) : nil
    case 3:
      return measurement(bytes, Flags(rawValue: frame[4]), MoreFlags(rawValue: frame[6])).map {
        .measurement($0)
      }
    default: return nil
    }
  }

  private static func packet(_ frame: Span<UInt8>, bytes: [UInt8], text: String) -> TracePacket? {
    let validities: [TracePacket.Validity] = [.crcHolds, .notChecked, .crcWrong, .damaged(reason: text)]
    let set = OrderedSet(rawValue: frame[2])
    guard Int(frame[3]) < validities.count, set != nil || frame[2] == 0xFF else { return nil }
    let flags = Flags(rawValue: frame[4])
    return TracePacket(
      orderedSet: set, bytes: bytes,
      crc: flags.contains(.crc) ? frame.littleEndian(UInt32.self, at: 16) : nil,
      validity: validities[Int(frame[3])],
      bitRate: flags.contains(.bitRate)
        ? frame.littleEndian(Int32.self, at: 20).map { BitsPerSecond($0) } : nil)
  }

  private static func measurement(
    _ bytes: [UInt8], _ flags: Flags, _ moreFlags: MoreFlags
  ) -> TraceMeasurement? {
    guard bytes.count == (moreFlags.isEmpty ? 16 : 28) else { return nil }
    func value(_ index: Int, _ flag: Flags) -> Int32? {
      flags.contains(flag) ? bytes.span.littleEndian(Int32.self, at: 4 * index) : nil
    }
    func more(_ index: Int, _ flag: MoreFlags) -> Int32? {
      moreFlags.contains(flag) ? bytes.span.littleEndian(Int32.self, at: 4 * index) : nil
    }
    return TraceMeasurement(
      vbus: value(0, .vbus).map { Millivolts($0) }, current: value(1, .current).map { Milliamperes($0) },
      cc1: value(2, .cc1).map { Millivolts($0) }, cc2: value(3, .cc2).map { Millivolts($0) },
      dPlus: more(4, .dPlus).map { Millivolts($0) }, dMinus: more(5, .dMinus).map { Millivolts($0) },
      temperature: more(6, .temperature).map { MillidegreesCelsius($0) })
  }
}

extension [UInt8] {
  /// Appends a number, least significant byte first.
  mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
    for index in 0..<value.bitWidth / 8 { append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }
}
