import InstrumentDrivers
import Instruments
import LineCode
import Quantities
import Simulator
import Testing
import Trace
import USBSupport
import USBTransport

/// The fastest traffic that each instrument can carry, for many times what any buffer on the way holds: nothing is lost.
@Suite struct SustainedTests {
  /// The number of a packet in its object, so that each is told from all others.
  private static func numbered(_ number: Int) -> [UInt8] {
    [0x82, 0x10] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  private static func numbers(_ heard: Heard, _ line: String? = nil) -> [Int] {
    heard.talk.filter { line == nil || $0.line == line }.compactMap { record in
      guard case .packet(let packet) = record.content, packet.isSound, packet.bytes.count == 6 else {
        return nil
      }
      return packet.bytes.dropFirst(2).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
  }

  /// Some 600 records a second with answers of 1 ms, forty times the queue of the device.
  @Test func drPD() throws {
    var habits = DrPDModel.Habits()
    habits.answerTime = Microseconds(1000)
    let count = 10_000
    let records = (0..<count).map {
      DrPDModel.record(
        .sop, Self.numbered($0), at: Microseconds(1_100_000 + 1650 * Int64($0)), habits: habits)
    }
    var bench = try DrPDBench(records, habits: habits)
    bench.end = .milliseconds(100 + 1650 * Int64(count) / 1000 + 500)
    let heard = try bench.listen()
    #expect(heard.error == nil && heard.complaints == [] && heard.isInOrder)
    #expect(bench.plugged.model.overwritten == 0)
    #expect(Self.numbers(heard) == Array(0..<count))
    // The meter waits while the queue is not empty, but not for ever.
    #expect(heard.measurements.count > 50)
  }

  /// Bursts at the line's own speed, 1,800 records a second: the queue of the device carries them.
  @Test func drPDBursts() throws {
    var habits = DrPDModel.Habits()
    habits.answerTime = Microseconds(1000)
    let count = 2000
    // A hundred packets 550 µs apart, then a pause until the queue is empty.
    let records = (0..<count).map {
      DrPDModel.record(
        .sop, Self.numbered($0),
        at: Microseconds(1_100_000 + 550 * Int64($0 % 100) + 200_000 * Int64($0 / 100)),
        habits: habits)
    }
    var bench = try DrPDBench(records, habits: habits)
    bench.end = .milliseconds(5000)
    let heard = try bench.listen()
    #expect(heard.error == nil && heard.complaints == [] && Self.numbers(heard) == Array(0..<count))
  }

  /// Both lines full: packet behind packet with the shortest gap.
  @Test func twinkie() throws {
    var model = TwinkieModel()
    let count = 1200
    for channel in 0..<2 {
      var edges: [UInt64] = []
      var time = Nanoseconds.milliseconds(60)
      for number in 0..<count {
        edges += TwinkieModel.edges(.sop, Self.numbered(number), at: time)
        time = TwinkiePacket.rate.nanoseconds(Ticks(edges.last ?? 0)) + Nanoseconds(30_000)
      }
      model.show(edges, on: channel)
    }
    let plugged = PluggedDevice(model)
    let context = try USBContext()
    let device = try plugged.open(context)
    let heard = Heard(
      try Twinkie(device),
      StreamPace(plugged: plugged, end: .milliseconds(1100), transfersSent: { $0.sent / 8 }))
    #expect(heard.error == nil && heard.complaints == [] && heard.isInOrder)
    for line in ["CC1", "CC2"] { #expect(Self.numbers(heard, line) == Array(0..<count)) }
  }

  @Test func cy4500() throws {
    let count = 6000
    let plugged = PluggedDevice(
      CY4500Model(
        (0..<count).map {
          CY4500Model.Hearing(
            .sop, Self.numbered($0), at: Nanoseconds(Microseconds(10_000 + 560 * Int64($0))))
        }))
    let context = try USBContext()
    let device = try plugged.open(context)
    let heard = Heard(
      try CY4500(device),
      StreamPace(
        plugged: plugged, end: .milliseconds(3500), transfersSent: { $0.sent }, transfersUnderWay: 20))
    #expect(heard.error == nil && heard.complaints == [] && heard.isInOrder)
    #expect(Self.numbers(heard) == Array(0..<count) && heard.measurements.count > 150)
  }
}
