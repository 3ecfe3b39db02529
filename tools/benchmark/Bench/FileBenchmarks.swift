import Foundation
import LineCode
import Quantities
import Trace

/// A sigrok file of 200 million samples: unpacking it, and decoding it.
enum FileBenchmarks {
  static let sampleCount = 200_000_000

  static func run() throws {
    let file = URL(filePath: NSTemporaryDirectory()).appending(path: "ofc-bench-\(getpid()).sr")
    defer { try? FileManager.default.removeItem(at: file) }
    try write(to: file.path)
    let unpacking = try seconds { try unpack(file.path) }
    let decoding = try seconds { try decode(file.path) }
    print(
      String(
        format:
          "\n.sr of %d million samples: unzip -p %.2f s, ofc decode %.2f s, ratio %.2f; peak memory %d MiB",
        sampleCount / 1_000_000, unpacking, decoding, decoding / unpacking, peakMemory()))
  }

  /// Real packets, five a second, at 4 MHz.
  private static func write(to path: String) throws {
    let mix = try PacketMix(csv: "Tests/Captures/pd/packets.csv")
    var writer = try SigrokWriter(path: path)
    let seconds = sampleCount / 4_000_000
    for index in 0..<seconds * 5 {
      let packet = mix.packets[index % mix.packets.count]
      let bytes = Array(mix.bytes[packet.start..<packet.start + packet.count - 4])
      try writer.write(
        TraceRecord(
          time: Nanoseconds(Milliseconds(Int64(index) * 200 + 10)),
          content: .packet(TracePacket(orderedSet: packet.orderedSet, bytes: bytes, validity: .crcHolds))))
    }
    try writer.finish()
  }

  private static func unpack(_ path: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/unzip")
    process.arguments = ["-p", path]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
  }

  private static func decode(_ path: String) throws {
    var reader = try TraceFile.open(path)
    var conversation = Conversation()
    let text = EntryText()
    var count = 0
    _ = reader.read { record in
      conversation.add(record) { count += text.text($0)?.utf8.count ?? 0 }
    }
    conversation.finish { count += text.text($0)?.utf8.count ?? 0 }
    blackHole(count)
  }

  /// The median of three runs.
  private static func seconds(_ body: () throws -> Void) rethrows -> Double {
    var times: [Double] = []
    for _ in 0..<3 {
      let start = Measurement.clock()
      try body()
      times.append(Measurement.clock() - start)
    }
    return times.sorted()[1]
  }

  /// The most memory that the process has had, in MiB.
  private static func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
    return (Int(line.filter(\.isNumber)) ?? 0) / 1024
  }
}
