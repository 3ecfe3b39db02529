import Foundation
import LineCode
import Quantities
import Trace

/// Sigrok files of 200 million samples: unpacking them, and decoding them with the built command.
enum FileBenchmarks {
  static let sampleCount = 200_000_000

  static func run() throws {
    for packetsPerSecond in [5, 170] {
      let file = URL(filePath: NSTemporaryDirectory()).appending(path: "ofc-bench-\(getpid()).sr")
      defer { try? FileManager.default.removeItem(at: file) }
      try write(to: file.path, packetsPerSecond: packetsPerSecond)
      let unpacking = try seconds("/usr/bin/unzip", ["-p", file.path])
      let decoding = try seconds(command, ["decode", file.path])
      print(
        String(
          format:
            ".sr of %d million samples, %d packets a second: unzip -p %.2f s, ofc decode %.2f s, ratio %.2f",
          sampleCount / 1_000_000, packetsPerSecond, unpacking, decoding, decoding / unpacking))
    }
    print("most memory of any of these processes: \(childMemory()) MiB")
  }

  /// The command beside this program.
  private static var command: String {
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "ofc").path
  }

  /// Real packets, evenly spread, at 4 MHz.
  private static func write(to path: String, packetsPerSecond: Int) throws {
    let mix = try PacketMix(csv: "Tests/Captures/pd/packets.csv")
    var writer = try SigrokWriter(path: path)
    for index in 0..<sampleCount / 4_000_000 * packetsPerSecond {
      let packet = mix.packets[index % mix.packets.count]
      let bytes = Array(mix.bytes[packet.start..<packet.start + packet.count - 4])
      let content = TracePacket(orderedSet: packet.orderedSet, bytes: bytes, validity: .crcHolds)
      let time = Int64(index) * 1_000_000_000 / Int64(packetsPerSecond) + 1_000_000
      try writer.write(TraceRecord(time: Nanoseconds(time), content: .packet(content)))
    }
    try writer.finish()
  }

  /// Wall time of a program whose output is thrown away: the median of five runs.
  private static func seconds(_ program: String, _ arguments: [String]) throws -> Double {
    var times: [Double] = []
    for _ in 0..<5 {
      let process = Process()
      process.executableURL = URL(filePath: program)
      process.arguments = arguments
      process.standardOutput = FileHandle.nullDevice
      let start = Measurement.clock()
      try process.run()
      process.waitUntilExit()
      times.append(Measurement.clock() - start)
    }
    return times.sorted()[2]
  }

  /// The most memory that a child process has had, in MiB.
  private static func childMemory() -> Int {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    return usage.ru_maxrss / 1024
  }
}
