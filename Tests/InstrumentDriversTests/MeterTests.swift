import InstrumentDrivers
import Instruments
import LineCode
import Quantities
import Simulator
import Testing
import Trace
import USBSupport
import USBTransport

// No recording of these meters is public: the models send what is known of their reports (`usb-hardware.md` §8, §9).

@Suite struct WITRNMeterTests {
  /// Listens while reports come, some each turn, and until there are `count` records, or it takes too long.
  private func listen(
    _ plugged: PluggedDevice<WITRNModel>, _ reports: [[WITRNModel.Report]], until count: Int,
    limit: Int = 150
  ) throws -> HeardStream {
    let meter = try WITRNMeter(plugged.open(USBContext()))
    let heard = HeardStream()
    heard.listen(
      meter,
      SteppingPace(plugged) { turn in
        if turn < reports.count {
          plugged.change { $0.report(reports[turn]) }
          return true
        }
        return heard.count < count && turn < limit
      })
    return heard
  }

  private static let request: [UInt8] = [0x82, 0x10, 0xDC, 0x70, 0x03, 0x23]

  @Test func telemetry() throws {
    let plugged = PluggedDevice(WITRNModel(), drivers: [0: "usbhid"])
    let heard = try listen(plugged, [[.telemetry(vbus: 9.0125, current: -1.5)]], until: 1)
    #expect(heard.error == nil && heard.notes.isEmpty)
    #expect(
      heard.measurements == [
        TraceMeasurement(
          vbus: Millivolts(9013), current: Milliamperes(-1500), cc1: Millivolts(1700),
          cc2: Millivolts(100), dPlus: Millivolts(600), dMinus: Millivolts(610),
          temperature: MillidegreesCelsius(25_000))
      ])
    #expect(plugged.log.prefix(2) == ["disconnect 0", "claim 0"])
  }

  /// Four bytes behind a packet are its CRC where they are the right ones, and nothing otherwise.
  @Test func packets() throws {
    let crc = CRC32(of: Self.request.span).value
    let right = (0..<4).map { UInt8(truncatingIfNeeded: crc >> (8 * $0)) }
    let heard = try listen(
      PluggedDevice(WITRNModel()),
      [
        [
          .packet(.sop, Self.request), .packet(.sopPrime, Self.request, rest: right),
          .packet(.sopDoublePrime, Self.request, rest: [1, 2, 3, 4]),
          .packet(.sopDoublePrimeDebug, [0x41, 0x02]),
        ]
      ], until: 4)
    #expect(heard.error == nil && heard.notes.isEmpty)
    #expect(heard.packets.map(\.orderedSet) == [.sop, .sopPrime, .sopDoublePrime, .sopDoublePrimeDebug])
    #expect(heard.packets.map(\.bytes) == [Self.request, Self.request, Self.request, [0x41, 0x02]])
    #expect(heard.packets.map(\.validity) == [.notChecked, .crcHolds, .notChecked, .notChecked])
    #expect(heard.packets.map(\.crc) == [nil, crc, nil, nil])
  }

  @Test func garbage() throws {
    let heard = try listen(
      PluggedDevice(WITRNModel()),
      [
        [
          .packet(.sop, [0x41, 0x02]), .raw([UInt8](repeating: 0x11, count: 64)), .raw([0xFF]),
          .telemetry(vbus: 5, current: 0),
        ]
      ], until: 4)
    #expect(
      heard.notes == [
        "a report of the meter cannot be read: it begins with 17, which no report does",
        "a report of the meter cannot be read: 1 bytes instead of 64",
      ])
    #expect(heard.packets.count == 1 && heard.measurements.count == 1)
  }

  /// A meter that stops to send is told of once.
  @Test func silence() throws {
    let heard = try listen(
      PluggedDevice(WITRNModel()), [[.telemetry(vbus: 5, current: 0)]], until: 3, limit: 400)
    #expect(heard.error == nil)
    #expect(heard.notes == ["the meter has sent nothing for 3.000 s"])
  }

  /// Fifty thousand reports, a thousand a second: more than its endpoint can carry. None is lost.
  @Test func flood() throws {
    let plugged = PluggedDevice(WITRNModel())
    let (turns, burst) = (500, 100)
    let meter = try WITRNMeter(plugged.open(USBContext()))
    let tally = Tally()
    var isInOrder = true
    var memory: (early: Int, late: Int) = (0, 0)
    try meter.listen(
      to: SteppingPace(plugged) { turn in
        guard turn < turns else { return tally.count < turns * burst && turn < 100_000 }
        let reports = (turn * burst..<(turn + 1) * burst).map { number -> WITRNModel.Report in
          if number % 10 == 0 { return .packet(.sop, [UInt8(number / 10 % 256), 0x02]) }
          return .telemetry(vbus: Double(number) / 1000, current: 0)
        }
        plugged.change { $0.report(reports) }
        return true
      }
    ) { record in
      let next = tally.count
      switch record.content {
      case .packet(let packet): isInOrder = isInOrder && packet.bytes == [UInt8(next / 10 % 256), 0x02]
      case .measurement(let values): isInOrder = isInOrder && values.vbus == Millivolts(Int32(next))
      default: isInOrder = false
      }
      tally.add()
      if next == 10_000 { memory.early = residentBytes() }
      if next == 49_999 { memory.late = residentBytes() }
    }
    #expect(isInOrder && tally.count == turns * burst)
    #expect(memory.late - memory.early < 64 << 20)
  }

  @Test func faults() throws {
    let reports: [[WITRNModel.Report]] = (0..<12).map { [.telemetry(vbus: Double($0), current: 0)] }
    let clean = PluggedDevice(WITRNModel())
    _ = try listen(clean, reports, until: 12)
    let total = clean.transfers.count
    for fault in [
      USBFault.goneBefore, .goneDuring, .stall, .silence, .short(0), .short(3), .short(20), .overflow,
      .protocolError, .garbage(7),
    ] {
      for transfer in 0..<total {
        let plugged = PluggedDevice(WITRNModel(), faults: { $0 == transfer ? fault : nil })
        let isGone = fault == .goneBefore || fault == .goneDuring
        let heard = try listen(plugged, reports, until: isGone ? .max : 11)
        if isGone {
          #expect(heard.cause == .gone, "\(fault) \(transfer)")
        } else {
          #expect(heard.error == nil, "\(fault) \(transfer): \(String(describing: heard.error))")
          #expect(heard.measurements.count >= 4 && heard.isOrdered, "\(fault) \(transfer)")
        }
      }
    }
  }
}

@Suite struct FNIRSIMeterTests {
  private static func time(_ model: FNIRSIModel) -> Nanoseconds { Nanoseconds(model.clock) }

  /// Listens until there are `count` measurements, or for `limit` reports' time. Each turn takes 40 ms of the meter's time.
  private func listen(
    _ plugged: PluggedDevice<FNIRSIModel>, until count: Int, limit: Int = 200
  ) throws -> HeardStream {
    let meter = try FNIRSIMeter(plugged.open(USBContext()))
    let heard = HeardStream()
    heard.listen(
      meter,
      SteppingPace(plugged, time: Self.time) { turn in
        plugged.change { $0.pass(Milliseconds(40)) }
        return heard.measurements.count < count && turn < limit
      })
    return heard
  }

  @Test func samples() throws {
    let plugged = PluggedDevice(FNIRSIModel(count: 10), drivers: [0: "usb-storage", 1: "usbhid"])
    let heard = try listen(plugged, until: 40)
    #expect(heard.error == nil && heard.notes.isEmpty && heard.isOrdered)
    #expect(heard.measurements.count == 40)
    #expect(plugged.model.commands.prefix(3) == [0x81, 0x82, 0x83])
    #expect(
      heard.measurements.first
        == TraceMeasurement(
          vbus: .zero, current: Milliamperes(-70), dPlus: Millivolts(600), dMinus: Millivolts(610),
          temperature: MillidegreesCelsius(31_500)))
    // The disk of the meter is left alone.
    #expect(plugged.log.prefix(2) == ["disconnect 1", "claim 1"])
  }

  /// Six minutes: 9,000 reports with four samples each. None is lost, and the meter is kept awake.
  @Test func flood() throws {
    let count = 9000
    let plugged = PluggedDevice(FNIRSIModel(count: count))
    let meter = try FNIRSIMeter(plugged.open(USBContext()))
    let tally = Tally()
    var isInOrder = true
    var memory: (early: Int, late: Int) = (0, 0)
    try meter.listen(
      to: SteppingPace(plugged, time: Self.time) { turn in
        // Ten reports a turn: the meter is heard in its own time.
        plugged.change { $0.pass(Milliseconds(400)) }
        return tally.count < count * 4 && turn < 200_000
      }
    ) { record in
      guard case .measurement(let values) = record.content else {
        isInOrder = false
        return
      }
      isInOrder = isInOrder && values.vbus == Millivolts(Microvolts(Int32(tally.count) * 10))
      tally.add()
      if tally.count == count { memory.early = residentBytes() }
      if tally.count == count * 4 { memory.late = residentBytes() }
    }
    #expect(isInOrder && tally.count == count * 4)
    #expect(memory.late - memory.early < 64 << 20)
    #expect(plugged.model.commands.filter { $0 == 0x81 }.count == 1)
  }

  /// The samples of a report are 10 ms apart, and its last one is as old as the report.
  @Test func times() throws {
    let heard = try listen(PluggedDevice(FNIRSIModel(count: 3)), until: 12)
    let times = heard.records.map(\.time)
    #expect(
      zip(times, times.dropFirst()).prefix(3).allSatisfy { $1 - $0 == Nanoseconds(Milliseconds(10)) })
  }

  /// However often a meter stops, it is started again, as long as it measures in between.
  @Test func stopping() throws {
    var model = FNIRSIModel(count: 1000)
    model.reportsPerStart = 2
    let heard = try listen(PluggedDevice(model), until: 80, limit: 1000)
    #expect(heard.error == nil && heard.measurements.count == 80)
    #expect(heard.notes.count == 9)
  }

  /// A halted OUT endpoint is cleared.
  @Test func haltedOut() throws {
    var model = FNIRSIModel(count: 20)
    model.isHalted = true
    let plugged = PluggedDevice(model)
    let heard = try listen(plugged, until: 8)
    #expect(heard.error == nil && heard.notes.count == 1 && heard.measurements.count == 8)
    #expect(plugged.log.contains("clear halt 3"))
  }

  /// A meter that does not hear the start is started again; one that never does is given up.
  @Test(arguments: [(1, false), (3, false), (9, true)]) func deaf(_ starts: Int, _ isLost: Bool) throws {
    var model = FNIRSIModel(count: 20)
    model.deafStarts = starts
    let plugged = PluggedDevice(model)
    let heard = try listen(plugged, until: 8)
    #expect(heard.cause == (isLost ? .timedOut(Milliseconds(1000), done: 0) : nil))
    #expect(heard.measurements.isEmpty == isLost)
    #expect(
      heard.notes
        == [String](
          repeating: "the meter has stopped to measure; it is started anew", count: isLost ? 4 : starts))
  }

  @Test func garbage() throws {
    var model = FNIRSIModel(count: 20)
    model.instead = [[UInt8](repeating: 0xAA, count: 64), [1], FNIRSIReport.Command.start.report]
    let heard = try listen(PluggedDevice(model), until: 4)
    #expect(
      heard.notes == [
        "a report of the meter cannot be read: the CRC is 170 instead of \(Self.crcOfGarbage)",
        "a report of the meter cannot be read: 1 bytes instead of 64",
      ])
    #expect(heard.measurements.first?.vbus == .zero)
  }

  private static var crcOfGarbage: UInt8 {
    let bytes = [UInt8](repeating: 0xAA, count: 62)
    return FNIRSIReport.crc(bytes.span)
  }

  @Test func faults() throws {
    let clean = PluggedDevice(FNIRSIModel(count: 30))
    _ = try listen(clean, until: 40)
    let total = min(clean.transfers.count, 20)
    for fault in [
      USBFault.goneBefore, .goneDuring, .stall, .silence, .short(0), .short(3), .short(20), .overflow,
      .protocolError, .garbage(7),
    ] {
      for transfer in 0..<total {
        let plugged = PluggedDevice(FNIRSIModel(count: 60), faults: { $0 == transfer ? fault : nil })
        let isGone = fault == .goneBefore || fault == .goneDuring
        let heard = try listen(plugged, until: isGone ? .max : 60)
        if isGone {
          #expect(heard.cause == .gone, "\(fault) \(transfer)")
        } else {
          #expect(heard.error == nil, "\(fault) \(transfer): \(String(describing: heard.error))")
          #expect(heard.measurements.count >= 60 && heard.isOrdered, "\(fault) \(transfer)")
          #expect(heard.notes.count <= 2, "\(fault) \(transfer): \(heard.notes)")
        }
      }
    }
  }
}
