import InstrumentDrivers
import Instruments
import Quantities
import Simulator
import Testing
import Threading
import Trace
import USBSupport
import USBTransport

@Suite struct KM003CTests {
  /// What a listening gave, and what ended it.
  private struct Heard {
    var records: [TraceRecord] = []
    var error: InstrumentError?

    var complaints: [String] {
      records.compactMap {
        if case .event(let event) = $0.content, event.kind == .other { event.text } else { nil }
      }
    }
  }

  private func listen(
    _ plugged: PluggedDevice<KM003CModel>, polls: KM003CPolls = .standard,
    until isFinished: @escaping @Sendable (KM003CModel) -> Bool = { $0.isFinished }
  ) throws -> Heard {
    let device = try plugged.open(USBContext())
    let meter = try KM003C(device, polls: polls)
    var heard = Heard()
    do throws(InstrumentError) {
      try meter.listen(to: ReplayPace(plugged: plugged, isFinished: isFinished)) { heard.records.append($0) }
    } catch {
      heard.error = error
    }
    return heard
  }

  private func records(of recording: String) throws -> [TraceRecord] {
    var reader = try TraceFile.open(Recording.path(recording))
    var records: [TraceRecord] = []
    let fault = reader.read { records.append($0) }
    #expect(fault == nil)
    return records
  }

  /// Contents with their times from the first record on.
  private func relative(_ records: [TraceRecord]) -> [TraceRecord] {
    let start = records.first?.time ?? .zero
    return records.map { TraceRecord(time: $0.time - start, content: $0.content) }
  }

  /// The recorded questions, asked through libusb, give exactly what a reading of the recording gives, times included.
  @Test(arguments: [
    ("usb_orig_open_close_16", 19), ("usb_orig_new_adcsimple0_12", 77), ("usb_orig_with_pd_13", 524),
    ("usb_pd_capture_new_9", 1760), ("usb_pd_epr0_9", 1316), ("usb_rust_simple_logger_16", 10),
  ])
  func replay(_ recording: String, _ count: Int) throws {
    let model = KM003CModel(try Recording.transfers(recording))
    let plugged = PluggedDevice(model, drivers: [0: "powerz"])
    let heard = try listen(
      plugged, polls: KM003CPolls(attributes: model.questions, interval: Nanoseconds(1)))
    let expected = try records(of: recording)
    #expect(heard.error == nil)
    #expect(plugged.model.unexpectedQuestions == 0 && plugged.model.isFinished)
    #expect(heard.records.count == expected.count)
    #expect(relative(heard.records).map(\.content) == relative(expected).map(\.content))
    #expect(relative(heard.records) == relative(expected))
    #expect(expected.count == count)
  }

  /// The driver's own questions lose no event and no measurement either.
  @Test(arguments: ["usb_orig_with_pd_13", "usb_pd_capture_new_9", "usb_pd_epr0_9"])
  func ownQuestions(_ recording: String) throws {
    let plugged = PluggedDevice(KM003CModel(try Recording.transfers(recording), order: .byAttribute))
    let heard = try listen(plugged)
    let expected = try records(of: recording)
    #expect(heard.error == nil)
    #expect(events(heard.records) == events(expected))
    #expect(measurements(heard.records) == measurements(expected))
  }

  private func events(_ records: [TraceRecord]) -> [TraceRecord.Content] {
    records.map(\.content).filter { if case .measurement = $0 { false } else { true } }
  }

  private func measurements(_ records: [TraceRecord]) -> [String] {
    records.compactMap { if case .measurement(let values) = $0.content { "\(values)" } else { nil } }.sorted()
  }

  @Test func session() throws {
    let plugged = PluggedDevice(
      KM003CModel(try Recording.transfers("usb_orig_open_close_16"), order: .byAttribute),
      drivers: [0: "powerz"])
    _ = try listen(plugged)
    let sent = plugged.transfers.filter { $0.endpoint == 0x01 }.map { [$0.sent[0], $0.sent[2]] }
    #expect(Array(sent.prefix(4)) == [[0x02, 0], [0x10, 2], [0x0C, 0x22], [0x0C, 0x20]])
    #expect(Array(sent.suffix(2)) == [[0x11, 0], [0x03, 0]])
    #expect(plugged.log == ["disconnect 0", "claim 0", "release 0", "connect 0"])
  }

  @Test func staleAnswer() throws {
    var habits = KM003CModel.Habits()
    habits.staleAnswer = [3, 4, 0, 0]
    let plugged = PluggedDevice(
      KM003CModel(try Recording.transfers("usb_orig_with_pd_13"), order: .byAttribute, habits: habits))
    let heard = try listen(plugged)
    #expect(heard.error == nil)
    #expect(events(heard.records) == events(try records(of: "usb_orig_with_pd_13")))
  }

  @Test func openSession() throws {
    var habits = KM003CModel.Habits()
    habits.hasOpenSession = true
    let plugged = PluggedDevice(
      KM003CModel(try Recording.transfers("usb_orig_open_close_16"), order: .byAttribute, habits: habits))
    let heard = try listen(plugged)
    #expect(heard.error == nil && heard.complaints.isEmpty)
    #expect(plugged.log.contains("clear halt 1") && plugged.log.contains("clear halt 81"))
    let kinds = plugged.transfers.filter { $0.endpoint == 0x01 }.map { $0.sent[0] }
    #expect(Array(kinds.prefix(5)) == [0x02, 0x0F, 0x03, 0x02, 0x10])
  }

  /// Units number their interfaces differently.
  @Test func otherOrder() throws {
    var habits = KM003CModel.Habits()
    habits.hasVendorInterfaceLast = true
    let plugged = PluggedDevice(
      KM003CModel(try Recording.transfers("usb_orig_open_close_16"), order: .byAttribute, habits: habits),
      drivers: [3: "powerz"])
    #expect(try listen(plugged).error == nil)
    #expect(plugged.model.isFinished)
    #expect(plugged.log == ["disconnect 3", "claim 3", "release 3", "connect 3"])
  }

  @Test(arguments: [true, false]) func withoutPD(_ isTrigger: Bool) throws {
    var habits = KM003CModel.Habits()
    habits.rejectsPD = isTrigger
    habits.needsPDMonitor = !isTrigger
    let plugged = PluggedDevice(
      KM003CModel(try Recording.transfers("usb_orig_with_pd_13"), order: .byAttribute, habits: habits))
    let heard = try listen(plugged, until: { [polls = Counter(40)] _ in polls.isOver() })
    #expect(heard.error == nil)
    #expect(
      heard.complaints
        == (isTrigger
          ? [
            "the meter refuses to report PD; a trigger session on its serial port must be closed (`pdm close`)"
          ]
          : []))
  }

  /// Whatever happens to one transfer, the listening goes on or ends with what happened: it never hangs.
  @Test(arguments: [
    USBFault.goneBefore, .goneDuring, .stall, .silence, .short(0), .short(3), .short(20), .overflow,
    .protocolError, .garbage(7),
  ])
  func faults(_ fault: USBFault) throws {
    let recording = try Recording.transfers("usb_orig_open_close_16")
    let total = 29
    var ends = 0
    for transfer in 0..<total {
      let plugged = PluggedDevice(
        KM003CModel(recording, order: .byAttribute), faults: { $0 == transfer ? fault : nil })
      let heard = try listen(plugged, until: { [polls = Counter(12)] _ in polls.isOver() })
      if fault == .goneBefore || fault == .goneDuring {
        ends +=
          heard.error.map { if case .usb(let error) = $0 { error.cause == .gone } else { false } } == true
          ? 1 : 0
      } else {
        #expect(heard.error == nil, "transfer \(transfer): \(String(describing: heard.error))")
        #expect(plugged.transfers.count >= 20)
      }
    }
    if fault == .goneBefore || fault == .goneDuring { #expect(ends == total) }
  }

  /// A meter that never answers again is given up.
  @Test func silence() throws {
    let plugged = PluggedDevice(
      KM003CModel(try Recording.transfers("usb_orig_open_close_16"), order: .byAttribute),
      faults: { $0 >= 12 ? .silence : nil })
    let heard = try listen(plugged, until: { [polls = Counter(200)] _ in polls.isOver() })
    guard case .usb(let error) = heard.error else {
      Issue.record("\(String(describing: heard.error))")
      return
    }
    #expect(error.cause == .timedOut(Milliseconds(100), done: 0))
    #expect(heard.complaints.count > 3)
    #expect(!heard.records.isEmpty)
  }

  @Test func endAtOnce() throws {
    let plugged = PluggedDevice(
      KM003CModel(try Recording.transfers("usb_orig_with_pd_13"), order: .byAttribute))
    let device = try plugged.open(USBContext())
    let meter = try KM003C(device)
    let pace = HostPace()
    let records = Mailbox<TraceRecord>()
    let thread = WorkThread(name: "listener") {
      try? meter.listen(to: pace) { records.put([$0]) }
      records.close()
    }
    while plugged.transfers.count < 8 {}
    pace.end()
    thread.join()
    #expect(!records.takeNow().isEmpty)
    #expect(plugged.transfers.last { $0.endpoint == 0x01 }?.sent[0] == 0x03)
  }
}

/// Says after a number of questions that it is over.
final class Counter: @unchecked Sendable {
  private let lock = ThreadLock()
  private var left: Int
  init(_ count: Int) { left = count }
  func isOver() -> Bool {
    lock.with {
      left -= 1
      return left <= 0
    }
  }
}
