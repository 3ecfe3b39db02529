import InstrumentDrivers
import Instruments
import LineCode
import Quantities
import Simulator
import Testing
import Trace
import USBSupport
import USBTransport

extension CY4500Model: TimedModel {}

@Suite struct CY4500Tests {
  private struct Bench {
    let plugged: PluggedDevice<CY4500Model>
    let context: USBContext
    let device: USBDevice

    init(
      _ hearings: [CY4500Model.Hearing], habits: CY4500Model.Habits = CY4500Model.Habits(),
      faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
    ) throws {
      plugged = PluggedDevice(CY4500Model(hearings, habits: habits), faults: faults)
      context = try USBContext()
      device = try plugged.open(context)
    }

    func listen(
      until end: Nanoseconds = .milliseconds(400), samples: Int = 20,
      patience: Milliseconds = Milliseconds(2000),
      happenings: Happenings<CY4500Model>? = nil
    ) throws -> Heard {
      // Beside the transfers of the streams: two commands and what is read behind them.
      Heard(
        try CY4500(device, samplesPerMeasurement: samples),
        StreamPace(
          plugged: plugged, end: end, transfersSent: { $0.sent }, transfersUnderWay: 20, patience: patience,
          happenings: happenings))
    }
  }

  private static let messages: [(OrderedSet, [UInt8])] = [
    (.sop, [0x82, 0x10, 0x2C, 0xB1, 0x04, 0x11]), (.sopPrime, [0x01, 0x01]), (.sopDoublePrime, [0x01, 0x01]),
    (.hardReset, []), (.sop, [0xA3, 0x03]), (.cableReset, []), (.sopPrimeDebug, [0xA3, 0x05]),
  ]

  private static let hearings = messages.enumerated().map { index, message in
    CY4500Model.Hearing(message.0, message.1, at: .milliseconds(20 + 10 * Int64(index)))
  }

  private static let contents: [TraceRecord.Content] = messages.map { set, message in
    set.startsPacket
      ? .packet(TracePacket(orderedSet: set, bytes: message, validity: .notChecked)) : .reset(set)
  }

  @Test(arguments: [true, false], [true, false]) func hears(_ replies: Bool, _ filler: Bool) throws {
    var habits = CY4500Model.Habits()
    habits.replies = replies
    habits.endsWithFiller = filler
    let bench = try Bench(Self.hearings, habits: habits)
    let heard = try bench.listen()
    #expect(heard.error == nil && heard.complaints == [] && heard.isInOrder)
    #expect(heard.talk.map(\.content) == Self.contents)
    let start = heard.talk.first?.time ?? .zero
    #expect(heard.talk.map { ($0.time - start).rawValue / 10_000_000 } == Array(0..<7))
    #expect(heard.talk.allSatisfy { ($0.end ?? .zero) > $0.time })
    #expect(!bench.plugged.model.isRunning)
    let commands = bench.plugged.transfers.filter { $0.endpoint == 0x02 }.map(\.sent)
    #expect(commands == [CY4500Command.stop.bytes, CY4500Command.start.bytes, CY4500Command.stop.bytes])
  }

  @Test(
    arguments: [(0xFDEF, 4992, 100), (0x0078, 3726, 100), (0xF67E, 3726, 100)] as [(UInt16, Int32, Int32)])
  func measurements(_ product: UInt16, _ vbus: Int32, _ current: Int32) throws {
    var habits = CY4500Model.Habits()
    habits.product = product
    let bench = try Bench([], habits: habits)
    bench.plugged.change { $0.counts = [421, 1700, 0, 2084] }
    let heard = try bench.listen()
    #expect(heard.complaints == [] && (15...20).contains(heard.measurements.count))
    let wanted = TraceMeasurement(
      vbus: Millivolts(vbus), current: Milliamperes(current), cc1: Millivolts(1680), cc2: .zero)
    #expect(heard.measurements.allSatisfy { $0 == wanted })
    #expect(try CY4500(bench.device).profile.model == "CY4500 (protocol validated on Windows only)")
  }

  /// Every sample where that is asked for.
  @Test func everySample() throws {
    let heard = try Bench([]).listen(samples: 1)
    #expect((350...400).contains(heard.measurements.count))
  }

  @Test func verdicts() throws {
    let accept: [UInt8] = [0xA3, 0x03]
    let long: [UInt8] = [0x8F, 0x80, 0x64, 0x00] + [UInt8](repeating: 1, count: 100)
    let cases: [(CY4500Model.Hearing, TracePacket.Validity)] = [
      (.init(.sop, accept, at: .milliseconds(20), faults: .crc), .crcWrong),
      (
        .init(.sop, accept, at: .milliseconds(30), faults: .endOfPacket),
        .damaged(reason: "the analyzer reports: no end of packet")
      ),
      (
        .init(.sop, accept, at: .milliseconds(40), faults: .idle),
        .damaged(reason: "the analyzer reports: the line went idle")
      ),
      (.init(nil, accept, at: .milliseconds(50)), .damaged(reason: "no known ordered set")),
      (
        .init(.sop, accept, at: .milliseconds(60), faults: []),
        .damaged(reason: "the analyzer does not call it good")
      ),
      (.init(.sop, long, at: .milliseconds(70)), .damaged(reason: "the analyzer keeps 46 of 104 bytes")),
      (.init(.sop, accept, at: .milliseconds(90)), .notChecked),
    ]
    let heard = try Bench(cases.map(\.0)).listen()
    let found = heard.talk.compactMap {
      if case .packet(let packet) = $0.content { packet.validity } else { nil }
    }
    #expect(found == cases.map(\.1))
  }

  /// The device counts its records: what is missing is told.
  @Test func missing() throws {
    var habits = CY4500Model.Habits()
    habits.lost = [2, 3]
    let heard = try Bench(Self.hearings, habits: habits).listen()
    #expect(heard.talk.count == 5)
    #expect(heard.complaints == ["2 packets are missing: the device counts them"])
  }

  /// The clock of 32 bits goes round within the listening.
  @Test func clockGoesRound() throws {
    var habits = CY4500Model.Habits()
    habits.startTime = .max - 45_000
    let heard = try Bench(Self.hearings, habits: habits).listen()
    #expect(heard.complaints == [] && heard.talk.map(\.content) == Self.contents)
    let start = heard.talk.first?.time ?? .zero
    #expect(heard.talk.map { ($0.time - start).rawValue / 10_000_000 } == Array(0..<7))
  }

  @Test(arguments: [
    USBFault.goneBefore, .goneDuring, .stall, .silence, .short(0), .short(3), .short(30), .overflow,
    .protocolError,
    .garbage(9),
  ])
  func faults(_ fault: USBFault) throws {
    let total = 60
    for transfer in 0..<total {
      let bench = try Bench(Self.hearings, faults: { $0 == transfer ? fault : nil })
      let heard = try bench.listen(until: .milliseconds(200), patience: Milliseconds(2))
      if fault == .goneBefore || fault == .goneDuring {
        guard case .usb(let error)? = heard.error, error.cause == .gone else {
          #expect(
            bench.plugged.transfers.count <= transfer + 1, "transfer \(transfer): \(heard.records.count)")
          continue
        }
      } else {
        #expect(
          heard.error == nil && heard.isInOrder, "transfer \(transfer): \(String(describing: heard.error))")
        #expect(heard.talk.count >= Self.messages.count - 2 || fault == .garbage(9), "transfer \(transfer)")
      }
    }
  }

  @Test func otherDevice() throws {
    let plugged = PluggedDevice(TwinkieModel())
    let context = try USBContext()
    let device = try plugged.open(context)
    #expect(throws: InstrumentError.self) { try CY4500(device) }
  }
}
