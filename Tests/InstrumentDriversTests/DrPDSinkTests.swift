import InstrumentDrivers
import Instruments
import Quantities
import Simulator
import Testing
import USBSupport

@Suite struct DrPDSinkTests {
  private static let objects = [
    "FIXED,5.000000,3.000000", "FIXED,9.000000,3.000000", "FIXED,20.000000,5.000000",
    "SPR_PPS,5.000000,21.000000,5.000000", "FIXED,48.000000,5.000000",
  ]

  private func bench(
    _ outcome: DrPDModel.RequestOutcome = .accepted, isNewer: Bool = false, isAttached: Bool = true,
    comma: Bool = true
  ) throws -> DrPDBench {
    var habits = DrPDModel.Habits()
    habits.isNewer = isNewer
    habits.endsObjectsWithComma = comma
    let bench = try DrPDBench(habits: habits)
    bench.plugged.change {
      $0.offer(Self.objects, outcome: outcome)
      if isAttached { $0.attach() }
    }
    return bench
  }

  private static let unlimited: @Sendable (DrPDModel) -> Bool = { _ in false }

  @Test(arguments: [true, false]) func offers(_ comma: Bool) throws {
    let bench = try bench(comma: comma)
    let sink = try DrPDSink(bench.device)
    let offers = try sink.begin(upTo: Millivolts(20_000), pace: bench.pace(Self.unlimited))
    #expect(offers.count == 5 && offers[1] == .fixed(Millivolts(9000), Milliamperes(3000)))
    #expect(offers[3] == .programmable(Millivolts(5000)...Millivolts(21000), Milliamperes(5000)))
    #expect(try sink.contract()?.object == offers[0] && sink.state().isReady)
    // 22 V are below the threshold of 48 V: nothing was written.
    #expect(bench.plugged.model.flashWrites == 0)
    try sink.end()
    #expect(bench.plugged.model.role == "OBSERVER")
  }

  /// The threshold is raised before the role is taken, in volts.
  @Test func threshold() throws {
    let bench = try bench()
    let sink = try DrPDSink(bench.device)
    _ = try sink.begin(upTo: Millivolts(48_000), pace: bench.pace(Self.unlimited))
    let requests = bench.plugged.model.requests
    let raised = try #require(requests.firstIndex(of: "BUS:VBUS:OVPT 52.8"))
    let role = try #require(requests.firstIndex(of: "BUS:CC:ROLE SINK"))
    #expect(raised < role && requests[raised + 1] == "BUS:VBUS:OVPT?")
    #expect(bench.plugged.model.thresholds == [5280, 500])
  }

  /// Never during a contract: the device would acknowledge nothing meanwhile.
  @Test func thresholdDuringContract() throws {
    let bench = try bench()
    let sink = try DrPDSink(bench.device)
    _ = try sink.begin(upTo: Millivolts(20_000), pace: bench.pace(Self.unlimited))
    let error = #expect(throws: InstrumentError.self) {
      try sink.begin(upTo: Millivolts(48_000), pace: bench.pace(Self.unlimited))
    }
    #expect(error.map { "\($0)" }?.contains("cannot be changed during a contract") == true)
    #expect(bench.plugged.model.flashWrites == 0)
  }

  @Test(arguments: [true, false]) func requests(_ isNewer: Bool) throws {
    let bench = try bench(isNewer: isNewer)
    let sink = try DrPDSink(bench.device)
    let pace = bench.pace(Self.unlimited)
    _ = try sink.begin(upTo: Millivolts(20_000), pace: pace)
    let fixed = DrPDContract(
      object: .fixed(Millivolts(9000), Milliamperes(3000)), voltage: Millivolts(9000),
      current: Milliamperes(2000))
    #expect(try sink.request(1, Millivolts(9000), Milliamperes(2000), pace: pace) == .accepted(fixed))
    #expect(try sink.measure().vbus == Millivolts(9000))
    // The same once more.
    #expect(try sink.request(1, Millivolts(9000), Milliamperes(2000), pace: pace) == .accepted(fixed))
    for step in 0..<5 {
      let voltage = Millivolts(5000 + 20 * Int32(step))
      guard case .accepted(let contract) = try sink.request(3, voltage, .zero, pace: pace) else {
        Issue.record("step \(step)")
        continue
      }
      #expect(contract.voltage == voltage && contract.current == Milliamperes(3000))
    }
    #expect(bench.plugged.model.requests.contains("SINK:REQUEST:STATUS?"))
    // A command that older firmware does not know is tried once.
    if !isNewer { #expect(bench.plugged.model.requests.filter { $0 == "SINK:REQUEST:STATUS?" }.count == 1) }
  }

  @Test(
    arguments: [
      (DrPDModel.RequestOutcome.rejected, true, "rejected"), (.rejected, false, "notGranted"),
      (.wait, true, "wait"), (.wait, false, "notGranted"), (.silence, true, "timedOut"),
      (.silence, false, "timedOut"), (.error, false, "failed"), (.error, true, "failed"),
    ] as [(DrPDModel.RequestOutcome, Bool, String)])
  func outcomes(_ outcome: DrPDModel.RequestOutcome, _ isNewer: Bool, _ word: String) throws {
    let bench = try bench(outcome, isNewer: isNewer)
    let sink = try DrPDSink(bench.device)
    let pace = bench.pace(Self.unlimited)
    _ = try sink.begin(upTo: Millivolts(20_000), pace: pace)
    let start = pace.now()
    let result = try sink.request(1, Millivolts(9000), .zero, pace: pace)
    #expect("\(result)".hasPrefix(word))
    #expect(pace.now() - start <= .milliseconds(1100))
  }

  /// A sink that still says that it is ready has not answered yet.
  @Test(arguments: [true, false]) func lateState(_ isNewer: Bool) throws {
    let bench = try bench(isNewer: isNewer)
    let sink = try DrPDSink(bench.device)
    let pace = bench.pace(Self.unlimited)
    _ = try sink.begin(upTo: Millivolts(20_000), pace: pace)
    bench.plugged.change { $0.habits.sinkDelay = Microseconds(80_000) }
    guard case .accepted(let contract) = try sink.request(1, Millivolts(9000), .zero, pace: pace) else {
      Issue.record("not accepted")
      return
    }
    #expect(contract.voltage == Millivolts(9000))
  }

  @Test func otherContract() throws {
    let bench = try bench(.otherContract)
    let sink = try DrPDSink(bench.device)
    let pace = bench.pace(Self.unlimited)
    _ = try sink.begin(upTo: Millivolts(20_000), pace: pace)
    #expect(try sink.request(1, Millivolts(9000), .zero, pace: pace) == .notGranted)
  }

  /// Above 21 V the source has half a second longer.
  @Test func eprTime() throws {
    let bench = try bench(.silence)
    let sink = try DrPDSink(bench.device)
    let pace = bench.pace(Self.unlimited)
    _ = try sink.begin(upTo: Millivolts(48_000), pace: pace)
    let start = pace.now()
    #expect(try sink.request(4, Millivolts(48_000), .zero, pace: pace) == .timedOut)
    #expect(pace.now() - start >= .milliseconds(1500))
    // Then the sink does not take requests.
    #expect(throws: InstrumentError.self) { try sink.request(1, Millivolts(9000), .zero, pace: pace) }
  }

  @Test func trip() throws {
    let bench = try bench()
    let sink = try DrPDSink(bench.device)
    let pace = bench.pace(Self.unlimited)
    _ = try sink.begin(upTo: Millivolts(20_000), pace: pace)
    bench.plugged.change { $0.trip() }
    #expect(try sink.request(2, Millivolts(20_000), .zero, pace: pace) == .tripped("OVP"))
  }

  @Test func nobodyThere() throws {
    let bench = try bench(isAttached: false)
    let sink = try DrPDSink(bench.device)
    let pace = bench.pace(Self.unlimited)
    #expect(try sink.begin(upTo: Millivolts(9000), pace: pace).isEmpty)
    #expect(pace.now() >= .milliseconds(5000))
    #expect(try sink.contract() == nil)
  }

  /// Writing to flash stops the decoder: what is said meanwhile is lost, and the model shows it.
  @Test func flash() throws {
    let records = (0..<20).map {
      DrPDModel.record(.sop, [0xA3, UInt8($0)], at: Microseconds(1_010_000 + 5000 * Int64($0)))
    }
    let bench = try DrPDBench(records)
    bench.plugged.change { _ = $0.receive(DrPDFrame.request("BUS:VBUS:OVPT 50", tag: 1).bytes, at: 6) }
    bench.plugged.change { $0.advance(to: .milliseconds(200)) }
    #expect(
      bench.plugged.model.unheard > 0 && bench.plugged.model.queueLength == 20 - bench.plugged.model.unheard)
    // The number is volts: the manual's millivolts are out of range.
    bench.plugged.change { _ = $0.receive(DrPDFrame.request("BUS:VBUS:OVPT 20000", tag: 2).bytes, at: 6) }
    #expect(bench.plugged.model.thresholds == [5000, 500])
  }
}
