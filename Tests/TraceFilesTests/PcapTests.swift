import Quantities
import Testing

@testable import Trace

/// Blocks of pcapng in either byte order.
private struct PcapngBuilder {
  let isBig: Bool
  var bytes: [UInt8] = []

  init(isBig: Bool) {
    self.isBig = isBig
    block(
      0x0A0D_0D0A, number(UInt32(0x1A2B_3C4D)) + number(UInt16(1)) + number(UInt16(0)) + number(Int64(-1)))
  }

  func number(_ value: some FixedWidthInteger) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLittleEndian(isBig ? value.byteSwapped : value)
    return bytes
  }

  mutating func block(_ type: UInt32, _ body: [UInt8], lastLength: UInt32? = nil) {
    let padded = body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
    let length = UInt32(12 + padded.count)
    bytes += number(type) + number(length) + padded + number(lastLength ?? length)
  }

  mutating func interface(_ linkType: UInt16, resolution: UInt8?) {
    var options: [UInt8] = []
    if let resolution {
      options = number(UInt16(9)) + number(UInt16(1)) + [resolution, 0, 0, 0] + [0, 0, 0, 0]
    }
    block(1, number(linkType) + [0, 0, 0, 0, 0, 0] + options)
  }

  mutating func packet(_ interface: UInt32, _ time: UInt64, _ data: [UInt8]) {
    let head = number(interface) + number(UInt32(time >> 32)) + number(UInt32(truncatingIfNeeded: time))
    block(6, head + number(UInt32(data.count)) + number(UInt32(data.count)) + data)
  }

  /// A usbmon frame with a header of 48 or 64 bytes.
  func usbmon(
    _ data: [UInt8], kind: Character, endpoint: UInt8, device: UInt8 = 9, transfer: UInt8 = 3,
    headerLength: Int = 64
  ) -> [UInt8] {
    let head =
      number(UInt64(1)) + [kind.asciiValue ?? 0, transfer, endpoint, device] + number(UInt16(3)) + [0, 0]
      + [UInt8](repeating: 0, count: 16) + number(UInt32(data.count)) + number(UInt32(data.count))
    return head + [UInt8](repeating: 0, count: headerLength - head.count) + data
  }
}

@Suite struct PcapTests {
  private static let request: [UInt8] = [0x0C, 0x11, 0x22, 0x00]
  private static let reply: [UInt8] =
    [0x41, 0x11, 2, 5, 0x10, 0, 0, 5, 0x8B, 0xFA, 0x12, 0, 0xDE, 0x13, 0, 0, 0x75, 6, 2, 0] + [
      0x87, 0x81, 0xFA, 0x12, 0, 0, 0x41, 2,
    ]

  /// Time stamps of 2 s in several resolutions, both byte orders, both usbmon headers, blocks that are not known between.
  @Test(
    arguments: [false, true],
    [(nil, 2_000_000), (UInt8(9), 2_000_000_000), (3, 2000), (0x8A, 2048)] as [(UInt8?, UInt64)])
  func usbmon(_ isBig: Bool, _ clock: (resolution: UInt8?, count: UInt64)) throws {
    for (linkType, length) in [(UInt16(220), 64), (189, 48)] {
      var builder = PcapngBuilder(isBig: isBig)
      builder.block(0x0BAD, [1, 2, 3])
      builder.interface(linkType, resolution: clock.resolution)
      builder.packet(0, 0, builder.usbmon(Self.request, kind: "S", endpoint: 1, headerLength: length))
      builder.block(5, [UInt8](repeating: 7, count: 40))
      builder.packet(
        0, clock.count, builder.usbmon(Self.reply, kind: "C", endpoint: 0x81, headerLength: length))
      let file = try TemporaryFile(builder.bytes)
      let reading = Reading(file.path)
      #expect(reading.packets.map(\.bytes) == [[0x41, 2]] && reading.fault == nil)
      #expect(reading.records.map(\.time.rawValue) == [1_990_000_000, 2_000_000_000])
    }
  }

  /// Two meters, or one that was plugged in again: one time line.
  @Test func severalMeters() throws {
    var builder = PcapngBuilder(isBig: false)
    builder.interface(220, resolution: 3)
    for (index, device) in ([9, 8, 9] as [UInt8]).enumerated() {
      let time = 1000 + UInt64(index) * 3000
      builder.packet(0, time, builder.usbmon(Self.request, kind: "S", endpoint: 1, device: device))
      builder.packet(0, time + 100, builder.usbmon(Self.reply, kind: "C", endpoint: 0x81, device: device))
    }
    let file = try TemporaryFile(builder.bytes)
    // The third reply repeats the device time of the first: that clock is not the host's any more.
    #expect(
      Reading(file.path).records.map { $0.time.rawValue / 1_000_000 } == [90, 100, 3090, 3100, 6090, 6100])
  }

  /// Another device on the same bus with the same endpoints is not the meter.
  @Test func otherDevices() throws {
    var builder = PcapngBuilder(isBig: false)
    builder.interface(220, resolution: nil)
    let descriptor: [UInt8] = [18, 1, 0, 2, 0, 0, 0, 64, 0x34, 0x12, 0x63, 0, 0, 1, 1, 2, 3, 1]
    builder.packet(0, 0, builder.usbmon(descriptor, kind: "C", endpoint: 0x80, device: 4, transfer: 2))
    builder.packet(0, 1, builder.usbmon(Self.request, kind: "S", endpoint: 1, device: 4))
    builder.packet(0, 2, builder.usbmon(Self.reply, kind: "C", endpoint: 0x81, device: 4))
    builder.packet(0, 3, builder.usbmon(Self.reply, kind: "C", endpoint: 0x82, device: 5))
    let file = try TemporaryFile(builder.bytes)
    #expect(
      Reading(file.path).fault
        == TraceFault(.unusable, file: file.path, "holds USB traffic, but none of a KM003C meter"))
    let own: [UInt8] = Array(descriptor[..<8]) + [0xC9, 0x5F, 0x63, 0] + Array(descriptor[12...])
    builder.packet(0, 4, builder.usbmon(own, kind: "C", endpoint: 0x80, device: 5, transfer: 2))
    builder.packet(0, 5, builder.usbmon(Self.reply, kind: "C", endpoint: 0x81, device: 5))
    let more = try TemporaryFile(builder.bytes)
    #expect(Reading(more.path).packets.count == 1)
  }

  @Test func otherLinkTypes() throws {
    var builder = PcapngBuilder(isBig: false)
    builder.interface(1, resolution: nil)
    builder.packet(0, 0, [1, 2, 3])
    let file = try TemporaryFile(builder.bytes)
    let fault = Reading(file.path).fault
    #expect(fault?.kind == .unusable && fault?.reason.hasPrefix("link type 1 is not known") == true)
  }

  @Test(
    arguments: [
      (UInt32(6), [UInt8](repeating: 0, count: 20), nil, "a packet names an interface that is not described"),
      (1, [1], nil, "an interface description is cut"),
      (1, [147, 0, 0, 0, 0, 0, 0, 0], 99, "the two lengths of a block differ, or it is longer than 16 MiB"),
    ] as [(UInt32, [UInt8], UInt32?, String)])
  func badBlocks(_ type: UInt32, _ body: [UInt8], _ lastLength: UInt32?, _ reason: String) throws {
    var builder = PcapngBuilder(isBig: false)
    builder.block(type, body, lastLength: lastLength)
    let file = try TemporaryFile(builder.bytes)
    #expect(Reading(file.path).fault == TraceFault(.damaged, file: file.path, at: .byte(28), reason))
  }

  /// Simple packet blocks and classic pcap carry our records too.
  @Test func ownRecordsElsewhere() throws {
    let record = TraceRecord(time: Nanoseconds(5), content: .reset(.hardReset))
    let payload = RecordPayload.bytes(of: record)
    var builder = PcapngBuilder(isBig: true)
    builder.interface(147, resolution: 9)
    builder.block(3, builder.number(UInt32(payload.count)) + payload)
    let pcapng = try TemporaryFile(builder.bytes)
    #expect(Reading(pcapng.path).records == [TraceRecord(time: .zero, content: .reset(.hardReset))])

    var classic: [UInt8] =
      [0x4D, 0x3C, 0xB2, 0xA1, 2, 0, 4, 0] + [UInt8](repeating: 0, count: 12) + [147, 0, 0, 0]
    classic.appendLittleEndian(UInt32(1))
    classic.appendLittleEndian(UInt32(5))
    classic.appendLittleEndian(UInt32(payload.count))
    classic.appendLittleEndian(UInt32(payload.count))
    classic += payload
    let pcap = try TemporaryFile(classic + [1])
    let reading = Reading(pcap.path)
    #expect(reading.records == [TraceRecord(time: Nanoseconds(1_000_000_005), content: .reset(.hardReset))])
    #expect(reading.fault?.reason == "a frame is cut")
  }

  /// Every frame that no writer makes is refused, and none traps.
  @Test func frames() {
    let frames = everyKindOfRecord.map { RecordPayload.bytes(of: $0) }
    var refused = 0
    for frame in frames {
      for length in 0...frame.count where length < 40 {
        if RecordPayload.record(Array(frame[..<length]).span, line: "", time: .zero) == nil { refused += 1 }
      }
      for index in 0..<min(frame.count, 28) {
        var changed = frame
        changed[index] = 0xFF
        if RecordPayload.record(changed.span, line: "", time: .zero) == nil { refused += 1 }
      }
    }
    #expect(refused > 28 * frames.count)
  }
}
