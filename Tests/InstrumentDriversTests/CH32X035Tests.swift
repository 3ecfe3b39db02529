@testable import InstrumentDrivers
import LineCode
import Quantities
import Simulator
import Testing
import Trace
import USBSupport
import USBTransport

// No recording of such a sniffer is public: the model sends what is known of its firmware (`usb-hardware.md` §4).

@Suite struct CH32X035Tests {
  typealias Happening = CH32X035Model.Happening
  static let firmwares: [CH32X035Model.Firmware] = [.lines, .frames, .reports]

  static let capabilities: [UInt8] = [
    0xA1, 0x61, 0x2C, 0x91, 0x01, 0x08, 0x2C, 0xD1, 0x02, 0x00, 0x2C, 0xC1, 0x03, 0x00, 0x2C, 0xB1, 0x04,
    0x00, 0x45, 0x41, 0x06, 0x00, 0x3C, 0x21, 0xDC, 0xC0,
  ]
  static let request: [UInt8] = [0x82, 0x10, 0xDC, 0x70, 0x03, 0x23]

  static func at(_ time: Int64, _ content: Happening.Content) -> Happening {
    Happening(time: Microseconds(time), content)
  }

  static let talk: [Happening] = [
    at(1_000_000, .attach(cc: 1)), at(1_100_000, .packet(.sopPrime, [0x8F, 0x10, 0x01, 0xA0, 0x00, 0xFF])),
    at(1_200_000, .packet(.sop, capabilities)), at(1_201_000, .packet(.sop, [0x41, 0x02])),
    at(1_205_000, .packet(.sop, request)), at(1_206_000, .packet(.sop, [0x21, 0x01])),
    at(1_300_000, .detach(cc: 1)),
  ]

  private static func time(_ model: CH32X035Model) -> Nanoseconds { Nanoseconds(model.clock) }

  /// Listens while `happenings` happen, one turn after the other, and until `isEnough`, or it takes too long.
  private func listen(
    _ plugged: PluggedDevice<CH32X035Model>, to happenings: [[Happening]], limit: Int = 150,
    until isEnough: @escaping @Sendable (HeardStream) -> Bool
  ) throws -> HeardStream {
    let sniffer = try CH32X035Sniffer(plugged.open(USBContext()))
    let heard = HeardStream()
    heard.listen(
      sniffer,
      SteppingPace(plugged, time: Self.time) { turn in
        if turn < happenings.count {
          plugged.change { $0.happen(happenings[turn]) }
          return true
        }
        return !isEnough(heard) && turn < limit
      })
    return heard
  }

  private static func hasDetached(_ heard: HeardStream) -> Bool { heard.events.last?.kind == .detach }

  @Test(arguments: firmwares) func packets(_ firmware: CH32X035Model.Firmware) throws {
    let plugged = PluggedDevice(CH32X035Model(firmware), drivers: [0: "cdc_acm", 1: "cdc_acm"])
    let heard = try listen(plugged, to: [Self.talk], until: Self.hasDetached)
    #expect(heard.error == nil && heard.notes.isEmpty && heard.isOrdered)
    #expect(heard.packets.map(\.validity) == [.crcHolds, .crcHolds, .crcHolds, .crcHolds, .crcHolds])
    #expect(heard.packets.map(\.orderedSet) == [.sopPrime, .sop, .sop, .sop, .sop])
    #expect(
      heard.packets.map(\.bytes).dropFirst() == [Self.capabilities, [0x41, 2], Self.request, [0x21, 1]])
    #expect(heard.events.map(\.kind) == [.attach, .detach])
    #expect(heard.measurements.first?.vbus == Millivolts(5086))
    #expect(heard.measurements.first?.cc1 == Millivolts(1653))
    // The sniffer's clock tells how far packets are apart.
    let times = heard.records.filter { if case .packet = $0.content { true } else { false } }.map(\.time)
    #expect((times.last ?? .zero) - (times.first ?? .zero) == Nanoseconds(Milliseconds(106)))
    guard firmware != .reports else { return }
    #expect(plugged.model.lineCoding == USBLineCoding().bytes)
    // Nobody listens any more.
    #expect(!plugged.model.isListenedTo)
    #expect(plugged.transfers.last { $0.endpoint == 0 }?.sent == [0x21, 0x22, 0, 0, 0, 0, 0, 0])
  }

  @Test(arguments: firmwares) func withoutCRC(_ firmware: CH32X035Model.Firmware) throws {
    var model = CH32X035Model(firmware)
    model.sendsCRC = false
    let heard = try listen(PluggedDevice(model), to: [Self.talk], until: Self.hasDetached)
    #expect(
      heard.packets.map(\.validity) == [.notChecked, .notChecked, .notChecked, .notChecked, .notChecked])
    #expect(heard.packets.map(\.crc) == [nil, nil, nil, nil, nil])
  }

  @Test func resets() throws {
    let happenings = [
      Self.at(5, .packet(.hardReset, [])), Self.at(6, .packet(.cableReset, [])), Self.at(7, .telemetry),
    ]
    for firmware in [CH32X035Model.Firmware.frames, .reports] {
      let heard = try listen(
        PluggedDevice(CH32X035Model(firmware)), to: [happenings], until: { $0.measurements.count == 3 })
      #expect(
        heard.records.map(\.content).filter { if case .reset = $0 { true } else { false } } == [
          .reset(.hardReset), .reset(.cableReset),
        ])
      #expect(
        heard.measurements.last
          == TraceMeasurement(
            vbus: Millivolts(5086), current: Milliamperes(-70), cc1: Millivolts(1653), cc2: Millivolts(12),
            dPlus: Millivolts(600), dMinus: Millivolts(610)))
    }
  }

  /// What cannot be read costs one note; what is around it is heard.
  @Test(
    arguments: [
      (
        CH32X035Model.Firmware.lines, Array("> 1ms\u{1F}[H]0x00\r\n".utf8),
        "a line of the sniffer cannot be read: the column `[H]0x00` cannot be read"
      ),
      (.lines, [0xFF, 0xFE, 0x0A], "a line of the sniffer cannot be read: it is no text"),
      (
        .lines, [UInt8](repeating: 0x41, count: 5000) + [0x0A],
        "a line of the sniffer has no end; it is left out"
      ),
      (.lines, Array("! invalid PD length:3\r\n".utf8), "the sniffer says: ! invalid PD length:3"),
      (.frames, [1, 2, 3], "3 bytes of the sniffer belong to no frame"),
      (
        .frames, [0x0A, 0x55, 0x50, 0x53, 1, 2, 0, 9, 9],
        "a frame of the sniffer cannot be read: 2 bytes instead of 28"
      ),
      (.frames, [0x0A, 0x55, 0x50, 0x53, 7, 0, 0], "a frame of the sniffer has the type 7"),
      (.reports, [1, 2, 3], "a report of the sniffer cannot be read: 3 bytes instead of 64"),
      (
        .reports, [UInt8](repeating: 0, count: 24) + [0x77] + [UInt8](repeating: 0, count: 39),
        "the sniffer reports an event of the unknown kind 119 with 0 bytes"
      ),
      (
        .reports,
        [UInt8](repeating: 0, count: 8) + [1] + [UInt8](repeating: 0, count: 15) + [0x42, 1, 2, 0xAB, 0xCD]
          + [UInt8](repeating: 0, count: 35),
        "UFCS on D+, chunk 0: abcd"
      ),
    ] as [(CH32X035Model.Firmware, [UInt8], String)])
  func garbage(_ firmware: CH32X035Model.Firmware, _ bytes: [UInt8], _ note: String) throws {
    let heard = try listen(
      PluggedDevice(CH32X035Model(firmware)),
      to: [[Self.talk[3], Self.at(1_202_000, .raw(bytes)), Self.talk[4]]],
      until: { $0.packets.count == 2 })
    #expect(heard.error == nil)
    #expect(heard.notes == [note])
    #expect(heard.packets.map(\.bytes) == [[0x41, 0x02], Self.request])
  }

  /// The running number tells what is missing.
  @Test func missing() throws {
    func line(_ number: Int) -> Happening {
      Self.at(1, .raw(Array("> 5ms\u{1F}#\(number)\u{1F}SOP\u{1F}[H]0x0041\n".utf8)))
    }
    let heard = try listen(
      PluggedDevice(CH32X035Model(.lines)), to: [[1, 2, 5, 6, 0, 1, 3].map(line)],
      until: { $0.packets.count == 7 })
    #expect(
      heard.notes == ["2 lines of the sniffer are missing", "1 lines of the sniffer are missing"])
    #expect(heard.packets.count == 7)
  }

  @Test(arguments: [CH32X035Model.Firmware.frames, .reports])
  func missingEvents(_ firmware: CH32X035Model.Firmware) throws {
    var count: UInt8 = 0
    func event(_ steps: UInt8) -> Happening {
      count += steps
      var bytes = [UInt8](repeating: 0, count: firmware == .reports ? 64 : 28)
      bytes[8] = count
      bytes[firmware == .reports ? 24 : 26] = 0x10
      return Self.at(1, .raw(firmware == .reports ? bytes : [0x0A, 0x55, 0x50, 0x53, 1, 28, 0] + bytes))
    }
    let heard = try listen(
      PluggedDevice(CH32X035Model(firmware)), to: [[9, 1, 0, 4, 1].map(event)],
      until: { $0.measurements.count == 5 })
    #expect(heard.notes == ["3 events of the sniffer are missing"])
    #expect(heard.measurements.count == 5)
  }

  /// A CRC that does not hold, and a packet that is not as long as its header says.
  @Test func damaged() throws {
    let lines = [
      "> 5ms\u{1F}SOP\u{1F}[H]0x0241\u{1F}[CRC]0x00000000\n", "> 6ms\u{1F}SOP\u{1F}[H]0x1082\n",
    ].map { Self.at(1, .raw(Array($0.utf8))) }
    let heard = try listen(
      PluggedDevice(CH32X035Model(.lines)), to: [lines], until: { $0.packets.count == 2 })
    #expect(
      heard.packets.map(\.validity) == [
        .crcWrong, .damaged(reason: "2 bytes came, where the header announces 6"),
      ])
  }

  /// The sniffer is started again while it is listened to: its clock begins anew, time goes on.
  @Test func clockGoesBack() throws {
    let again = Self.talk.map { Happening(time: Microseconds($0.time.rawValue - 900_000), $0.content) }
    let heard = try listen(
      PluggedDevice(CH32X035Model(.reports)), to: [Self.talk, again, Self.talk],
      until: { $0.packets.count == 15 })
    #expect(heard.isOrdered && heard.packets.count == 15)
  }

  /// Twenty thousand packets as fast as a cable can carry them: none is lost, the order is kept, nothing piles up.
  @Test(arguments: firmwares) func flood(_ firmware: CH32X035Model.Firmware) throws {
    let plugged = PluggedDevice(CH32X035Model(firmware))
    let (turns, burst) = (200, 100)
    @Sendable func packet(_ number: Int) -> [UInt8] {
      [0x82, 0x10] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let sniffer = try CH32X035Sniffer(plugged.open(USBContext()))
    let tally = Tally()
    var isInOrder = true
    var memory: (early: Int, late: Int) = (0, 0)
    try sniffer.listen(
      to: SteppingPace(plugged, time: Self.time) { turn in
        guard turn < turns else { return tally.count < turns * burst && turn < 100_000 }
        plugged.change { model in
          model.happen(
            (turn * burst..<(turn + 1) * burst).map {
              Self.at(Int64($0) * 500, .packet(.sop, packet($0)))
            })
        }
        return true
      }
    ) { record in
      guard case .packet(let heard) = record.content else { return }
      isInOrder = isInOrder && heard.bytes == packet(tally.count) && heard.validity == .crcHolds
      tally.add()
      if tally.count == 4000 { memory.early = residentBytes() }
      if tally.count == 20_000 { memory.late = residentBytes() }
    }
    #expect(isInOrder && tally.count == turns * burst)
    // Other tests run beside this one: their memory counts too.
    #expect(memory.late - memory.early < 64 << 20)
  }

  /// Whatever happens to one transfer, the listening goes on or ends with what happened.
  @Test(arguments: firmwares) func faults(_ firmware: CH32X035Model.Firmware) throws {
    let faults: [USBFault] = [
      .goneBefore, .goneDuring, .stall, .short(0), .short(3), .short(40), .overflow, .protocolError,
      .garbage(7),
    ]
    let happenings = Self.talk.map { [$0] }
    let clean = PluggedDevice(CH32X035Model(firmware))
    _ = try listen(clean, to: happenings, until: Self.hasDetached)
    let total = clean.transfers.count
    for fault in faults {
      for transfer in 0..<total {
        let plugged = PluggedDevice(CH32X035Model(firmware), faults: { $0 == transfer ? fault : nil })
        let isGone = fault == .goneBefore || fault == .goneDuring
        let heard = try listen(plugged, to: happenings, until: { !isGone && Self.hasDetached($0) })
        #expect(heard.isOrdered)
        if isGone {
          // The last request, DTR off, may be the one that fails: the listening is over then.
          #expect(heard.cause == .gone || transfer == total - 1, "\(fault) \(transfer)")
        } else {
          #expect(heard.error == nil, "\(fault) \(transfer): \(String(describing: heard.error))")
          #expect(heard.packets.count >= 2, "\(fault) \(transfer)")
        }
      }
    }
  }

  /// A request that never ends is made again; the stream itself may be silent as long as it wants.
  @Test(arguments: firmwares) func silence(_ firmware: CH32X035Model.Firmware) throws {
    for transfer in 0..<20 {
      let plugged = PluggedDevice(
        CH32X035Model(firmware), faults: { $0 == transfer ? .silence : nil })
      let heard = try listen(plugged, to: [Self.talk], limit: 20, until: Self.hasDetached)
      #expect(heard.error == nil)
    }
  }

  /// A halted endpoint is cleared, and what waited behind it comes.
  @Test(arguments: firmwares) func halted(_ firmware: CH32X035Model.Firmware) throws {
    var model = CH32X035Model(firmware)
    model.isHalted = true
    let heard = try listen(PluggedDevice(model), to: [Self.talk], until: Self.hasDetached)
    #expect(heard.error == nil && heard.packets.count == 5 && heard.notes.count == 1)
  }

  /// A clock that goes back, however little, was started again: what comes is placed where it came.
  @Test func tying() {
    var clock = ArrivalClock()
    let places = [(1000, 50), (1100, 155), (1050, 200), (1060, 211), (9000, 300)].map { device, arrival in
      clock.place(
        Nanoseconds(Milliseconds(Int64(device))), arrival: Nanoseconds(Milliseconds(Int64(arrival))))
    }
    #expect(places == [50, 150, 200, 210, 300].map { Nanoseconds(Milliseconds($0)) })
  }

  /// Behind a gap the rest of the broken line is left out, and the running number is not held against the sniffer.
  @Test func gapInsideALine() {
    var reader = CH32X035LineReader()
    var output = RecordOutput()
    func take(_ text: String) { reader.take(Array(text.utf8), at: .zero, into: &output) }
    take("> #1\u{1F}SOP\u{1F}[H]0x0041\n> #2\u{1F}SOP\u{1F}[H]0x")
    reader.missed("gap", at: .zero, into: &output)
    take("0042\n> #9\u{1F}SOP\u{1F}[H]0x0043\n")
    var texts: [String] = []
    output.drain { record in
      switch record.content {
      case .packet(let packet): texts.append("\(packet.bytes)")
      case .event(let event): texts.append(event.text)
      default: break
      }
    }
    #expect(texts == ["[65, 0]", "gap", "[67, 0]"])
  }

  /// A device that fails for good is given up.
  @Test func alwaysStalling() throws {
    let plugged = PluggedDevice(
      CH32X035Model(.reports), faults: { $0 >= 0 ? .stall : nil })
    let heard = try listen(plugged, to: [], limit: 10_000, until: { _ in false })
    #expect(heard.cause == .stalled)
    #expect(heard.notes.count == 3)
  }
}
