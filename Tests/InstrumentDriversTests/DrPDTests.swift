import Foundation
import InstrumentDrivers
import Instruments
import LineCode
import Quantities
import Simulator
import TestSupport
import Testing
import Trace
import USBSupport
import USBTransport

@Suite struct DrPDTests {
  /// Ways of the device that must not show in what is heard, by the number of the quirk.
  static let harmless: [(String, @Sendable (inout DrPDModel.Habits) -> Void)] = [
    ("none", { _ in }),
    ("2 not quoted", { $0.quotesManufacturer = false }),
    ("3 one field", { $0.roleFields = 1 }),
    ("13 one byte a transfer", { $0.pieceLength = 1 }),
    ("13 pieces of 7", { $0.pieceLength = 7 }),
    ("13 pieces of 64", { $0.pieceLength = 64 }),
    ("13 pieces of 256", { $0.pieceLength = 256 }),
    ("14 a late answer before each", { $0.lateAnswers = 1 }),
    ("14 a late answer before every third", { $0.lateAnswers = 3 }),
    ("17 first pulse cut", { $0.cutsFirstPulse = true }),
    ("18 pulses longer when high", { $0.skew = Nanoseconds(800) }),
    ("18 pulses longer when low", { $0.skew = Nanoseconds(-800) }),
    ("23 end too late", { $0.endExcess = Microseconds(19) }),
    ("27 newer firmware", { $0.isNewer = true }),
  ]

  @Test(arguments: harmless.indices) func hears(_ index: Int) throws {
    var habits = DrPDModel.Habits()
    Self.harmless[index].1(&habits)
    let talk = DrPDTalk.all(habits)
    let bench = try DrPDBench(talk.records, habits: habits)
    let heard = try bench.listen()
    #expect(heard.error == nil)
    #expect(talk.differences(heard.talk) == [], "\(Self.harmless[index].0)")
    #expect(heard.complaints == [] && heard.isInOrder)
    #expect(bench.plugged.model.flashWrites == 0)
  }

  /// Requests in the order in which they are made.
  @Test func session() throws {
    let bench = try DrPDBench(DrPDTalk.all().records)
    _ = try bench.listen()
    let sent = bench.plugged.transfers.filter { $0.endpoint == 0x06 }
    #expect(Array(sent[0].sent.prefix(5)) == [0x57, 0x55, 1, 2, 1])
    let texts = bench.plugged.model.requests
    #expect(
      Array(texts.prefix(13)) == [
        "SYST:ERR?", "*IDN?", "BUS:CC:CAP:CYCLETIME?", "BUS:CC:CAP:EN OFF", "BUS:CC:CAP:CLEAR",
        "BUS:CC:ROLE?", "BUS:VBUS:STAT?", "BUS:CC:CAP:EN ON", "STAT:DEV?", "SYST:TIME?", "SYST:TIME?",
        "SYST:TIME?", "SYST:TIME?",
      ])
    #expect(texts.last == "BUS:CC:CAP:EN OFF")
    #expect(bench.plugged.log == ["claim 5"])
    // The register is read in front of the queue, and the queue's length is not asked for while records wait.
    let drains = texts.split(separator: "BUS:CC:CAP:COUNT?")
    #expect(
      drains.dropFirst().allSatisfy { part in
        !part.drop { $0 == "BUS:CC:CAP:DATA?" }.contains("BUS:CC:CAP:DATA?")
      })
  }

  @Test func staleErrors() throws {
    var habits = DrPDModel.Habits()
    habits.staleErrors = ["-113,\"Undefined header\"", "-222,\"Data out of range\""]
    let talk = DrPDTalk.all()
    let bench = try DrPDBench(talk.records, habits: habits)
    let heard = try bench.listen()
    #expect(heard.error == nil && talk.differences(heard.talk) == [] && heard.complaints == [])
    #expect(bench.plugged.model.requests.prefix(4) == ["SYST:ERR?", "SYST:ERR?", "SYST:ERR?", "*IDN?"])
  }

  /// Somebody leaves an error while we listen: behind an answer it is a note, instead of one it costs that answer.
  @Test(arguments: [true, false]) func errorOfSomebodyElse(_ follows: Bool) throws {
    var habits = DrPDModel.Habits()
    habits.errorFollowsAnswer = follows
    let talk = DrPDTalk.all()
    var bench = try DrPDBench(talk.records, habits: habits)
    bench.happenings = Happenings([(.milliseconds(100), { $0.leaveError("-108,\"Parameter not allowed\"") })])
    let heard = try bench.listen()
    #expect(heard.error == nil && talk.differences(heard.talk) == [])
    #expect(heard.complaints.count == 1 && heard.complaints[0].contains("error -108 (Parameter not allowed)"))
    #expect(heard.complaints[0].contains("somebody else") == follows)
  }

  @Test func busy() throws {
    let talk = DrPDTalk.all()
    var bench = try DrPDBench(talk.records)
    bench.happenings = Happenings([(.milliseconds(100), { $0.habits.busyRequests = 12 })])
    let heard = try bench.listen()
    #expect(heard.error == nil && talk.differences(heard.talk) == [])
    #expect(heard.complaints.count <= 3 && heard.complaints[0].contains("the device is busy"))
  }

  @Test func unknownTimes() throws {
    var habits = DrPDModel.Habits()
    habits.hidesStart = true
    let talk = DrPDTalk.all(habits)
    let heard = try DrPDBench(talk.records, habits: habits).listen()
    #expect(heard.error == nil && talk.differences(heard.talk) == [] && heard.isInOrder)
    #expect(heard.talk.allSatisfy { $0.end == nil })
  }

  /// Result codes that are new or that the documentation names otherwise are carried.
  @Test(
    arguments: [
      (4, "the analyzer reports: runt pulse"), (5, "the analyzer reports: incomplete"),
      (77, "the analyzer reports: result 77"),
    ] as [(UInt32, String)])
  func results(_ code: UInt32, _ reason: String) throws {
    let payload = DrPDModel.payload(
      start: 1_200_000, end: 1_200_100, code, [0x18, 0x18, 0x18, 0x11], [], [0xA3, 0x03, 1])
    let heard = try DrPDBench([DrPDModel.Record(time: Microseconds(1_200_100), payload: payload)]).listen()
    guard case .packet(let packet)? = heard.talk.first?.content else {
      Issue.record("\(heard.records)")
      return
    }
    #expect(packet.validity == .damaged(reason: reason) && packet.bytes == [0xA3, 0x03, 1])
  }

  @Test func unreadableRecord() throws {
    let talk = DrPDTalk.all()
    let broken = DrPDModel.Record(time: Microseconds(1_190_000), payload: [UInt8](repeating: 9, count: 31))
    let heard = try DrPDBench([broken] + talk.records).listen()
    #expect(talk.differences(heard.talk) == [] && heard.complaints.count == 1)
    #expect(
      heard.complaints[0]
        == "a record cannot be read: a record of 31 bytes does not agree with its own counts")
  }

  @Test func attachAndTrip() throws {
    var habits = DrPDModel.Habits()
    habits.isNewer = true
    var bench = try DrPDBench(DrPDTalk.all().records, habits: habits)
    bench.happenings = Happenings([
      (.milliseconds(150), { $0.attach() }), (.milliseconds(500), { $0.trip() }),
      (.milliseconds(600), { $0.detach() }),
    ])
    let heard = try bench.listen()
    #expect(heard.events.map(\.kind) == [.attach, .overvoltage, .overvoltage, .detach])
    let times = heard.records.filter { if case .event = $0.content { true } else { false } }.map(\.time)
    #expect(times[1] == .milliseconds(500) && times[2] == .milliseconds(500))
    #expect(times[0] >= .milliseconds(150) && times[0] <= .milliseconds(180))
    #expect(heard.talk.last?.line == "CC1" && heard.complaints == [])
    // One field only: the state is asked for by itself.
    habits.roleFields = 1
    var other = try DrPDBench(habits: habits)
    other.happenings = Happenings([(.milliseconds(150), { $0.attach() })])
    #expect(try other.listen().events.map(\.kind) == [.attach])
  }

  @Test func captureOfSomebodyElse() throws {
    var bench = try DrPDBench()
    bench.happenings = Happenings([
      (.milliseconds(150), { $0.switchCapture(on: false) }),
      (.milliseconds(300), { $0.switchCapture(on: true) }),
    ])
    #expect(try bench.listen().events.map(\.kind) == [.captureStopped, .captureStarted])
  }

  /// Only a role that hears nothing is changed.
  @Test(arguments: ["DISABLED", "OBSERVER", "SINK", "CABLE_TEST"]) func role(_ role: String) throws {
    var habits = DrPDModel.Habits()
    habits.isNewer = true
    let bench = try DrPDBench(habits: habits)
    bench.plugged.change { $0.begin(role: role) }
    let heard = try bench.listen()
    #expect(heard.error == nil)
    let isChanged = role == "DISABLED" || role == "CABLE_TEST"
    #expect(bench.plugged.model.role == (isChanged ? "OBSERVER" : role))
    #expect(bench.plugged.model.flashWrites == (isChanged ? 1 : 0))
  }

  @Test func measurements() throws {
    let bench = try DrPDBench()
    bench.plugged.change {
      $0.vbus = Millivolts(9047)
      $0.current = Milliamperes(-1529)
      $0.attach()
    }
    let heard = try bench.listen()
    // Cut, not rounded.
    #expect(
      Set(heard.measurements.map { "\($0)" })
        == [
          "\(TraceMeasurement(vbus: Millivolts(9040), current: Milliamperes(-1520), cc1: Millivolts(1650), cc2: .zero))"
        ])
    #expect((14...17).contains(heard.measurements.count))
  }

  /// From 200 records on the queue may have lost some; that is said once, and what is there is read.
  @Test(arguments: [(199, false), (200, true), (250, true), (300, true)])
  func fullQueue(_ count: Int, _ isTold: Bool) throws {
    let bench = try DrPDBench()
    let records = (0..<count).map {
      DrPDModel.record(
        .sop, [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)], at: Microseconds(1_100_000 + 1100 * Int64($0)))
    }
    let happening: @Sendable (inout DrPDModel) -> Void = { model in
      model.play(records)
      model.advance(to: .milliseconds(450))
    }
    var busy = bench
    busy.happenings = Happenings([(.milliseconds(90), happening)])
    let heard = try busy.listen()
    #expect(heard.talk.count == min(count, 250))
    #expect(bench.plugged.model.overwritten == max(0, count - 250))
    #expect(heard.complaints.count == (isTold ? 1 : 0))
    #expect(heard.complaints.allSatisfy { $0.contains("may lack some") })
  }

  /// While records wait nothing else is asked for but the clock: the queue must not grow meanwhile.
  @Test func meterWaits() throws {
    var bench = try DrPDBench()
    let records = (0..<150).map {
      DrPDModel.record(.sop, [UInt8($0), 0], at: Microseconds(1_100_000 + 1100 * Int64($0)))
    }
    bench.happenings = Happenings([
      (
        .milliseconds(90),
        { model in
          model.play(records)
          model.advance(to: .milliseconds(300))
        }
      )
    ])
    #expect(try bench.listen().talk.count == 150)
    let requests = bench.plugged.model.requests
    let first = try #require(requests.firstIndex(of: "BUS:CC:CAP:DATA?"))
    #expect(requests[first..<first + 150].allSatisfy { $0 == "BUS:CC:CAP:DATA?" })
  }

  @Test func faultMode() throws {
    var habits = DrPDModel.Habits()
    habits.isInFaultMode = true
    let bench = try DrPDBench(habits: habits)
    let error = #expect(throws: InstrumentError.self) { try DrPD(bench.device) }
    #expect(error.map { "\($0)" }?.contains("it is in fault mode") == true)
    #expect(bench.plugged.log.isEmpty)
  }

  @Test func anotherPico() throws {
    var habits = DrPDModel.Habits()
    habits.isAnotherPico = true
    let bench = try DrPDBench(habits: habits)
    let error = #expect(throws: InstrumentError.self) { try DrPD(bench.device) }
    #expect(error.map { "\($0)" }?.contains("no Dr. PD") == true)
  }

  @Test func updater() throws {
    var habits = DrPDModel.Habits()
    habits.isUpdater = true
    var polls = DrPDPolls()
    polls.answerTime = Milliseconds(50)
    let heard = try DrPDBench(habits: habits).listen(polls)
    #expect(heard.error.map { "\($0)" }?.contains("its firmware updater is at work") == true)
  }

  /// A crystal that is 80 × 10⁻⁶ off for ten minutes: the stated uncertainties hold, and time does not jump.
  @Test(arguments: [-80, 80] as [Int64]) func drift(_ drift: Int64) throws {
    var habits = DrPDModel.Habits()
    habits.drift = drift
    habits.answerTime = Microseconds(2000)
    let count: Int64 = 600
    let records = (1...count).map { second in
      let host = second * 1_000_000
      return DrPDModel.record(
        .sop, [0xA3, UInt8(truncatingIfNeeded: second)],
        at: Microseconds(1_000_000 + host + host * drift / 1_000_000))
    }
    var bench = try DrPDBench(records, habits: habits)
    bench.end = .milliseconds(1000 * count + 500)
    var polls = DrPDPolls()
    polls.measurement = .milliseconds(500)
    polls.status = .milliseconds(100)
    let heard = try bench.listen(polls)
    #expect(heard.error == nil && heard.talk.count == Int(count) && heard.complaints == [])
    let timing = try DrPD(bench.device).profile.timing
    let errors = heard.talk.enumerated().map { abs($1.time.rawValue - 1_000_000_000 * Int64($0 + 1)) }
    #expect(errors.max() ?? .max <= timing.againstHost.rawValue)
    let steps = zip(heard.talk, heard.talk.dropFirst()).map {
      abs(($1.time - $0.time).rawValue - 1_000_000_000)
    }
    #expect(steps.max() ?? .max <= timing.betweenPackets.rawValue)
    // After the first minute the rate is known.
    #expect(errors.dropFirst(180).max() ?? .max < 500_000)
  }

  // MARK: The recordings of the device

  static let session = ProjectFiles.url("../shared/captures/drpd/epr-sink-session.jsonl")
  static let blocks = ProjectFiles.url("../shared/captures/drpd/epr-sink-session.blocks.bin")
  static var isRecorded: Bool { FileManager.default.fileExists(atPath: blocks.path) }

  /// The recorded blocks through libusb give exactly the records of the session: times, bytes, CRC.
  @Test(
    .enabled(if: isRecorded, "the Dr. PD recordings are not at ../shared/captures/drpd"),
    arguments: [nil, 1, 100] as [Int?])
  func replay(_ pieceLength: Int?) throws {
    let bytes = [UInt8](try Data(contentsOf: Self.blocks))
    var records: [DrPDModel.Record] = []
    var offset = 0
    while offset < bytes.count,
      let head = try DrPDBlockHeader(bytes.span.extracting(offset..<min(offset + 11, bytes.count)))
    {
      let payload = Array(bytes[offset + head.headLength..<offset + head.headLength + head.payloadLength])
      let end = try #require(try DrPDCaptureRecord(payload: payload.span).end)
      records.append(DrPDModel.Record(time: end, payload: payload))
      offset += head.headLength + head.payloadLength + 1
    }
    var habits = DrPDModel.Habits()
    habits.pieceLength = pieceLength
    let start: Int64 = 101_926_137_013 - 200_000
    let heard = try DrPDBench(records, habits: habits, startTime: Microseconds(start)).listen()
    struct Line: Decodable {
      let kind: String
      let startUs: Int64?
      let endUs: Int64?
      let bytes: String?
      let crc32: String?
      let crcValid: Bool?
      let sop: String?
    }
    let lines = try String(contentsOf: Self.session, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }.filter { $0.kind == "message" }
    #expect(heard.error == nil && heard.complaints == [] && lines.count == 25 && heard.talk.count == 25)
    for (record, line) in zip(heard.talk, lines) {
      guard case .packet(let packet) = record.content else {
        Issue.record("\(record)")
        continue
      }
      #expect(record.time == Nanoseconds(Microseconds((line.startUs ?? 0) - start)))
      #expect(record.end == Nanoseconds(Microseconds((line.endUs ?? 0) - start)))
      #expect(packet.bytes == TestSupport.bytes(line.bytes ?? ""))
      #expect(packet.crc == UInt32(line.crc32?.dropFirst(2) ?? "", radix: 16))
      #expect(packet.validity == .crcHolds && packet.orderedSet == .sop && line.sop == "SOP")
    }
  }
}
