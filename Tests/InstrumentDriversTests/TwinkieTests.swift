import InstrumentDrivers
import Instruments
import LineCode
import Quantities
import Simulator
import TestSupport
import Testing
import USBSupport
import USBTransport

@testable import Trace

extension TwinkieModel: TimedModel {}

@Suite struct TwinkieTests {
  private struct Bench {
    let plugged: PluggedDevice<TwinkieModel>
    let context: USBContext
    let device: USBDevice

    init(
      _ lines: [[UInt64]], habits: TwinkieModel.Habits = TwinkieModel.Habits(),
      faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
    ) throws {
      var model = TwinkieModel(habits: habits)
      for (channel, edges) in lines.enumerated() { model.show(edges, on: channel) }
      plugged = PluggedDevice(model, faults: faults)
      context = try USBContext()
      device = try plugged.open(context)
    }

    func listen(until end: Nanoseconds, patience: Milliseconds = Milliseconds(2000)) throws -> Heard {
      let layout = plugged.model.habits.layout
      return Heard(
        try Twinkie(device, layout: layout),
        StreamPace(plugged: plugged, end: end, transfersSent: { $0.sent / 8 }, patience: patience))
    }
  }

  private static let accept: [UInt8] = [0xA3, 0x03]
  private static let request: [UInt8] = [0x82, 0x10, 0x2C, 0xB1, 0x04, 0x11]

  /// On CC1 a packet every 3 ms from 50 ms on, on CC2 every 5 ms, and resets at the end.
  private static func talk() -> (lines: [[UInt64]], contents: [[TraceRecord.Content]], times: [[Int64]]) {
    var lines: [[UInt64]] = [[], []]
    var contents: [[TraceRecord.Content]] = [[], []]
    var times: [[Int64]] = [[], []]
    func add(_ set: OrderedSet, _ message: [UInt8], _ microseconds: Int64, _ channel: Int) {
      lines[channel] += TwinkieModel.edges(set, message, at: Nanoseconds(Microseconds(microseconds)))
      times[channel].append(microseconds)
      contents[channel].append(
        set.startsPacket
          ? .packet(
            TracePacket(
              orderedSet: set, bytes: message, crc: CRC32(of: message.span).value, validity: .crcHolds))
          : .reset(set))
    }
    for index in 0..<60 {
      let message = index.isMultiple(of: 2) ? accept : request
      add(.sop, message.dropLast() + [UInt8(index)], 50_000 + 3000 * Int64(index), 0)
    }
    for index in 0..<30 { add(.sopPrime, accept, 51_234 + 5000 * Int64(index), 1) }
    add(.hardReset, [], 300_000, 0)
    add(.cableReset, [], 310_000, 1)
    return (lines, contents, times)
  }

  private func contents(_ heard: Heard, _ line: String) -> [TraceRecord.Content] {
    heard.talk.filter { $0.line == line }.compactMap { contents($0) }
  }

  /// Without the bit rate.
  private func contents(_ record: TraceRecord) -> TraceRecord.Content? {
    guard case .packet(var packet) = record.content else { return record.content }
    packet.bitRate = nil
    return .packet(packet)
  }

  private func check(_ heard: Heard) {
    let talk = Self.talk()
    #expect(heard.error == nil && heard.complaints == [] && heard.isInOrder)
    for (channel, line) in ["CC1", "CC2"].enumerated() {
      #expect(contents(heard, line) == talk.contents[channel])
      // Relative to the first of all; within the uncertainty that is stated.
      let times = heard.talk.filter { $0.line == line }.map(\.time.rawValue)
      let start = (heard.talk.first?.time.rawValue ?? 0) - talk.times[0][0] * 1000
      let errors = zip(times, talk.times[channel]).map { abs($0 - start - $1 * 1000) }
      #expect(errors.max() ?? .max < 220_000)
    }
  }

  @Test(arguments: [false, true], TwinkieLayout.allCases)
  func hears(_ countsTogether: Bool, _ layout: TwinkieLayout) throws {
    var habits = TwinkieModel.Habits()
    habits.countsTogether = countsTogether
    habits.layout = layout
    check(try Bench(Self.talk().lines, habits: habits).listen(until: .milliseconds(500)))
  }

  /// The device has been running for long: the 16 bits and the number of half-buffers go round.
  @Test func longIdle() throws {
    var lines: [[UInt64]] = [[], []]
    let times: [Int64] = [10, 20_000, 40_000, 60_000].map { $0 * 1_000_000 }
    for time in times { lines[1] += TwinkieModel.edges(.sop, Self.accept, at: Nanoseconds(time)) }
    let heard = try Bench(lines).listen(until: .milliseconds(60_400))
    #expect(heard.error == nil && heard.complaints == [])
    #expect(heard.talk.count == 4 && heard.talk.allSatisfy { $0.line == "CC2" })
    let start = heard.talk.first?.time ?? .zero
    let errors = zip(heard.talk, times).map { abs(($0.time - start).rawValue - ($1 - times[0])) }
    // The host's clock is followed, whose comparison is a few ms coarse.
    #expect(errors.max() ?? .max < 20_000_000)
  }

  /// A packet that does not arrive costs what was on the line then, and is told of.
  @Test(arguments: [9, 16, 31, 40, 80], [false, true])
  func lostPacket(_ number: Int, _ countsTogether: Bool) throws {
    var habits = TwinkieModel.Habits()
    habits.lostPackets = [number]
    habits.countsTogether = countsTogether
    let heard = try Bench(Self.talk().lines, habits: habits).listen(until: .milliseconds(500))
    let whole = Self.talk().contents
    #expect(heard.error == nil && heard.isInOrder)
    #expect(heard.complaints.count == 1 && heard.complaints[0].contains("packets did not arrive"))
    for (channel, line) in ["CC1", "CC2"].enumerated() {
      let found = contents(heard, line)
      let sound = found.filter {
        if case .packet(let packet) = $0 { packet.validity == .crcHolds } else { true }
      }
      #expect(sound.allSatisfy { whole[channel].contains($0) })
      #expect(sound.count >= whole[channel].count - 2)
    }
  }

  /// A whole half-buffer for which the device had no room.
  @Test(arguments: [1, 2, 5, 6]) func overflow(_ number: Int) throws {
    var habits = TwinkieModel.Habits()
    habits.overflows = [number]
    let heard = try Bench(Self.talk().lines, habits: habits).listen(until: .milliseconds(500))
    #expect(heard.error == nil && heard.isInOrder)
    #expect(heard.complaints.count == 1 && heard.complaints[0].contains("the device had no room for them"))
    let sound = heard.talk.filter {
      if case .packet(let packet) = $0.content { packet.isSound } else { true }
    }
    #expect(sound.count >= Self.talk().contents.joined().count - 12 && sound.count >= 60)
    // What comes behind the gap is at its time again.
    let talk = Self.talk()
    let times = heard.talk.filter { $0.line == "CC1" }.compactMap { record in
      contents(record).flatMap { talk.contents[0].firstIndex(of: $0) }.map {
        record.time.rawValue - talk.times[0][$0] * 1000
      }
    }
    #expect((times.max() ?? .max) - (times.min() ?? 0) < 440_000)
  }

  /// Random edges: the ticks between them come back, but for those that are a multiple of the counter's turn.
  @Test(arguments: [false, true]) func edges(_ writesTurnsEarly: Bool) throws {
    var generator = SeededGenerator(seed: 3)
    var tick: UInt64 = 1000
    var edges: [UInt64] = []
    for _ in 0..<20_000 {
      var step = UInt64.random(in: 1...(Bool.random(using: &generator) ? 12 : 3000), using: &generator)
      if step.isMultiple(of: 256) { step += 1 }
      tick += step
      edges.append(tick)
    }
    var habits = TwinkieModel.Habits()
    habits.writesTurnsEarly = writesTurnsEarly
    var model = TwinkieModel(habits: habits)
    model.show(edges, on: 1)
    model.advance(to: TwinkiePacket.rate.nanoseconds(Ticks(tick + 500_000)))
    var reconstruction = TwinkieEdges()
    var steps: [UInt64] = []
    while case .done(let bytes) = model.send(from: 0x83, capacity: 64) {
      let packet = try TwinkiePacket(bytes.span)
      guard packet.channel == 1 else { continue }
      for entry in packet.edges { if let ticks = reconstruction.take(entry) { steps.append(ticks.rawValue) } }
    }
    // The first step counts from the first entry, a turn of the counter with capture 0. Pauses that an edge on the last
    // count begins or ends may be a turn short.
    #expect(steps.count == edges.count)
    for (step, pair) in zip(steps.dropFirst(), zip(edges, edges.dropFirst())) {
      let (from, to) = pair
      let isSure = to - from < 256 || from % 256 != 255 && to % 256 != 255
      #expect(step == to - from || !isSure && step + 256 == to - from, "\(from) \(to)")
    }
  }

  @Test(arguments: [
    USBFault.goneBefore, .goneDuring, .stall, .silence, .short(0), .short(63), .short(100), .overflow,
    .protocolError, .garbage(5),
  ])
  func faults(_ fault: USBFault) throws {
    let total = 36
    for transfer in 0..<total {
      let bench = try Bench(Self.talk().lines, faults: { $0 == transfer ? fault : nil })
      let heard = try bench.listen(until: .milliseconds(700), patience: Milliseconds(2))
      if fault == .goneBefore || fault == .goneDuring {
        guard case .usb(let error)? = heard.error, error.cause == .gone else {
          // A transfer behind the last one that was filled.
          #expect(bench.plugged.transfers.count <= transfer, "transfer \(transfer)")
          continue
        }
      } else {
        #expect(
          heard.error == nil && heard.isInOrder, "transfer \(transfer): \(String(describing: heard.error))")
        let whole = Self.talk().contents.joined()
        let sound = heard.talk.filter {
          if case .packet(let packet) = $0.content { packet.isSound } else { true }
        }
        #expect(sound.count >= whole.count / 2, "transfer \(transfer): \(sound.count)")
      }
    }
  }

  @Test func halt() throws {
    var habits = TwinkieModel.Habits()
    habits.haltsBehind = 24
    let bench = try Bench(Self.talk().lines, habits: habits)
    let heard = try bench.listen(until: .milliseconds(500))
    #expect(heard.error == nil && bench.plugged.log.contains("clear halt 83"))
    #expect(heard.complaints.first?.contains("the stream broke off") == true)
    #expect(heard.talk.count >= 80)
  }

  @Test func noSniffer() throws {
    let plugged = PluggedDevice(DrPDModel())
    let context = try USBContext()
    let device = try plugged.open(context)
    #expect(throws: InstrumentError.self) { try Twinkie(device) }
  }

  // MARK: Recorded lines

  /// Real lines, re-encoded as a Twinkie sends them, give what a reading of the recording gives.
  @Test(arguments: [
    ("sigrok-dumps/apple_power_brick.sr", 0), ("sigrok-dumps/hdmi_dongle.sr", 1),
    ("jimknopf/PinePower-xperia10iii_3_PD-sync.sr", 0),
  ])
  func recordings(_ name: String, _ channel: Int) throws {
    let path = ProjectFiles.url("Tests/Captures/pd/\(name)").path
    let edges = try RecordedLine(path).edges
    var lines: [[UInt64]] = [[], []]
    lines[channel] = edges.map { $0 + 240_000 }
    let length = TwinkiePacket.rate.nanoseconds(Ticks(lines[channel].last ?? 0))
    let heard = try Bench(lines).listen(until: length + .milliseconds(200))
    var reader = try TraceFile.open(path)
    var expected: [TraceRecord] = []
    #expect(reader.read { expected.append($0) } == nil)
    #expect(heard.error == nil && heard.complaints == [] && expected.count > 20)
    #expect(heard.talk.allSatisfy { $0.line == "CC\(channel + 1)" })
    #expect(heard.talk.compactMap { contents($0) } == expected.compactMap { contents($0) })
    // A line that is driven before the preamble makes a reading of samples begin up to 30 µs earlier.
    let shift = (heard.talk.first?.time ?? .zero) - (expected.first?.time ?? .zero)
    let errors = zip(heard.talk, expected).map { abs(($0.time - $1.time - shift).rawValue) }
    #expect(errors.max() ?? .max < 200_000)
  }
}

/// The edges of the CC line of a sigrok session, in ticks of 2.4 MHz.
private struct RecordedLine {
  var edges: [UInt64] = []

  init(_ path: String) throws {
    var samples = try SigrokSamples(try InputFile(path: path), options: TraceReadOptions())
    let lines = try samples.metadata.lines(nil)
    let rate = samples.metadata.sampleRate
    let unit = samples.metadata.unitSize
    var all: [UInt8] = []
    while try samples.nextChunk({ chunk in for index in chunk.indices { all.append(chunk[index]) } }) {}
    // The line that carries edges.
    var found: [[UInt64]] = lines.map { _ in [] }
    for (place, line) in lines.enumerated() {
      var last: UInt8?
      for sample in 0..<all.count / unit {
        let level = all[sample * unit + line.bit / 8] >> UInt8(line.bit % 8) & 1
        if let last, last != level { found[place].append(UInt64(sample) * 2_400_000 / rate) }
        last = level
      }
    }
    edges = found.max { $0.count < $1.count } ?? []
  }
}
