import Foundation
import PortEngine
import Quantities

/// `tools/bench`: prints the speeds that the README states, with how they were measured. Names of parts (messages,
/// lines, file, engine, simulator, xiaomi) leave the others out.
@main struct Bench {
  static func main() throws {
    let mix = try PacketMix(csv: "Tests/Captures/pd/packets.csv")
    print("packets of the recordings in Tests/Captures/pd: \(mix.packets.count), \(mix.bytes.count) bytes")
    print("each figure is the median of several runs on one core; the best run stands behind it\n")
    let parts = CommandLine.arguments.dropFirst()
    // First, since the memory of a child process counts from that of its parent.
    if parts.isEmpty || parts.contains("file") { try FileBenchmarks.run() }
    if parts.isEmpty || parts.contains("messages") { benchmarkMessages(mix) }
    if parts.isEmpty || parts.contains("lines") { benchmarkLines(mix) }
    if parts.isEmpty || parts.contains("engine") { benchmarkEngine() }
    if parts.isEmpty || parts.contains("simulator") { benchmarkSimulator() }
    if parts.isEmpty || parts.contains("xiaomi") { benchmarkXiaomi() }
  }

  static func benchmarkSimulator() {
    report(
      "simulated world: attach → explicit contract, PPS", SimulatorBenchmarks.handshakes(.pps, .pps),
      "handshakes")
    report(
      "simulated world: attach → 9 V, fixed", SimulatorBenchmarks.handshakes(.fixed, .pd3Fixed), "handshakes")
    report(
      "  a bad wire, random events, and back to a contract", SimulatorBenchmarks.seeds(.pps, .pps), "runs")
  }

  static func benchmarkXiaomi() {
    report(
      "simulated world: attach → Xiaomi dialogue → 120 W PPS contract", XiaomiBenchmarks.dialogues(),
      "dialogues")
    let (median, most, longest) = XiaomiBenchmarks.answers()
    print(
      String(
        format:
          "AUTHENTICATION in → answer out, by the clock: %.1f µs (median), %.1f µs (99 %%), %.1f µs (longest)",
        median / 1_000, most / 1_000, longest / 1_000))
  }

  static func benchmarkMessages(_ mix: PacketMix) {
    report(
      "packet bytes → CRC checked → typed message with diagnostics", MessageBenchmarks.typed(mix), "messages")
    report("  the same with the tree of all fields", MessageBenchmarks.explained(mix), "messages")
    report("  the same with every value and meaning as text", MessageBenchmarks.written(mix), "messages")
  }

  static func benchmarkLines(_ mix: PacketMix) {
    let cases: [(String, UInt64, Int, Int64)] = [
      ("5 packets a second, 4 MHz, 1 byte a sample", 4_000_000, 1, 200),
      ("5 packets a second, 25 MHz, 2 bytes a sample", 25_000_000, 2, 200),
      ("50 packets a second, 4 MHz, 1 byte a sample", 4_000_000, 1, 20),
      ("back to back (30 µs apart), 25 MHz, 1 byte a sample", 25_000_000, 1, 0),
      ("back to back (30 µs apart), 4 MHz, 1 byte a sample", 4_000_000, 1, 0),
    ]
    for (name, rate, unitSize, pause) in cases {
      let idle = pause == 0 ? Nanoseconds(Microseconds(30)) : Nanoseconds(Milliseconds(pause))
      let samples = LineBenchmarks.Samples(
        mix, rate: rate, unitSize: unitSize, idle: idle, count: 100_000_000)
      report("CC line → packets: " + name, LineBenchmarks.scan(samples), "samples")
    }
  }

  static func benchmarkEngine() {
    let cases: [(String, SinkStrategy)] = [
      ("fixed", .fixed(maximumVoltage: Millivolts(9_000))),
      ("PPS", .pps(voltage: Millivolts(9_000), current: Milliamperes(3_000))),
    ]
    for (name, strategy) in cases {
      let (measurement, nanoseconds) = EngineBenchmarks.handshakes(strategy)
      report("attach → contract (\(name)) → detach, two engines, every GoodCRC", measurement, "handshakes")
      print(String(format: "  median per event: %.1f ns", nanoseconds))
    }
    print("  a port engine takes \(MemoryLayout<PortEngine>.size) bytes")
  }

  static func report(_ name: String, _ measurement: Measurement, _ unit: String) {
    let padded = name.padding(toLength: max(name.count, 76), withPad: " ", startingAt: 0)
    print(
      "\(padded) \(Measurement.text(measurement.rate)) \(unit)/s  (best \(Measurement.text(measurement.best)); "
        + String(format: "%.3g", measurement.allocationsPerItem) + " allocations each)")
  }
}
