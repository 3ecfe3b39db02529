import Foundation
import TestSupport
import Testing

/// `ofc devices` and `ofc sniff` as they are, in a world where a KM003C is plugged in that plays a recording.
@Suite(.enabled(if: World.isThere, World.absent)) struct SniffTests {
  private static let recording = "usb_orig_with_pd_13"

  private func run(_ arguments: [String], unplugAfter limit: Int? = nil) throws -> Command.Result {
    try Command.run(
      World.arguments(Self.recording, unplugAfter: limit, arguments), executable: World.wrapper)
  }

  /// A line of a listening or of a decoding without its times and what stands beside it.
  private func said(_ line: String) -> String? {
    let line = line.split(separator: "│").first.map(String.init) ?? ""
    guard line.count > 26, line.hasPrefix("  "),
      Double(line.prefix(12).trimmingCharacters(in: .whitespaces)) != nil
    else { return nil }
    return line.dropFirst(25).trimmingCharacters(in: .whitespaces)
  }

  @Test func devices() throws {
    let text = try run(["devices"])
    #expect(
      text.lines == [
        "1-1       5FC9:0063  POWER-Z KM003C    packets, resets, attach and detach, VBUS, current, CC potential,"
          + " D+ and D-, temperature",
        "          ready: ofc sniff --device 1-1, ofc meter --device 1-1",
      ])
    let object = try run(["devices", "--json"]).objects?.first
    #expect(object?["device"] as? String == "1-1" && object?["serial"] as? String == "007")
    #expect(object?["ready"] as? Bool == true)
  }

  /// What is heard is what a decoding of the recording shows; the file holds it all, the rest of it too.
  @Test(arguments: [false, true]) func listening(_ isJSON: Bool) throws {
    let folder = try TemporaryFolder()
    let file = folder.path("heard.jsonl")
    let expected = try Command.run("decode", "Tests/Captures/km003c/\(Self.recording).csv").lines.compactMap(
      said)
    let command = try RunningCommand(
      World.arguments(
        Self.recording, ["sniff", "--write", file, "--colour", "never"] + (isJSON ? ["--json"] : [])),
      executable: World.wrapper, folder: ProjectFiles.root)
    _ = command.output.wait(for: isJSON ? "\"event\":\"detach\"" : "--- detach ---")
    command.interruptChildren()
    let lines = command.output.rest()
    #expect(command.wait() == 0)
    let written = try Command.run("decode", file)
    #expect(written.status == 0)
    #expect(written.lines.compactMap(said) == expected)
    if isJSON {
      let request = lines.first { $0.contains("\"Request\"") } ?? ""
      #expect(request.contains(",\"vbus_mv\":5086,\"current_ma\":-70,\"power_mw\":-356}"))
      #expect(lines.last?.contains("\"type\":\"summary\"") == true)
    } else {
      #expect(lines.compactMap(said) == expected)
      #expect(
        lines.contains {
          $0.contains("Request 9.00 V 2.20 A") && $0.hasSuffix("│ 5.086 V  -0.07 A  -0.356 W")
        })
      #expect(lines.contains("Summary"))
    }
  }

  @Test func unplugged() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("heard.pcapng")
    let result = try run(["sniff", "--write", file], unplugAfter: 60)
    #expect(result.status == 6)
    #expect(result.complaintLines.count == 1)
    #expect(
      result.complaintLines.first?.hasPrefix("ofc: 5FC9:0063 at 1-1 (POWER-Z KM003C): bulk ") == true
        && result.complaintLines.first?.hasSuffix("the device is gone; plug it in again") == true)
    #expect(result.lines.contains("Summary"))
    #expect(try Command.run("decode", file).status == 0)
  }

  @Test(arguments: [
    (["sniff", "--device", "2-9"], "no instrument `2-9` is plugged in; `ofc devices` lists them"),
    (["sniff", "--write", "x.nothing"], "x.nothing: the ending names no format"),
  ])
  func refused(_ arguments: [String], _ complaint: String) throws {
    let result = try run(arguments)
    #expect(result.status == (arguments[1] == "--device" ? 6 : 1))
    #expect(result.complaints.contains(complaint))
  }

  @Test func duration() throws {
    let result = try run(["sniff", "--duration", "300ms", "--measurements"])
    #expect(result.status == 0 && result.complaints.isEmpty)
    #expect(result.lines.contains("Summary"))
  }

  @Test func hotPlug() throws {
    let result = try Command.run([World.program, "--hot-plug"], executable: World.wrapper)
    let pair = ["arrived 5FC9:0063 at 1-1: POWER-Z KM003C", "left 5FC9:0063 at 1-1"]
    #expect(result.lines == pair + pair)
  }
}

/// Where programs see a device that is not there.
enum World {
  static let wrapper = URL(filePath: "/usr/bin/umockdev-wrapper")
  static let program =
    Command.executable?.deletingLastPathComponent().appending(path: "usb-world").path ?? "usb-world"
  static let isThere =
    Command.isBuilt && FileManager.default.isExecutableFile(atPath: program)
    && FileManager.default.isExecutableFile(atPath: wrapper.path)
  static let absent: Comment = "umockdev is not installed: apt-get install umockdev"

  static func arguments(_ recording: String, unplugAfter limit: Int? = nil, _ arguments: [String]) -> [String]
  {
    [program, "Tests/Captures/km003c/\(recording).csv"] + (limit.map { ["--unplug-after", "\($0)"] } ?? [])
      + ["--", Command.executable?.path ?? "ofc"] + arguments
  }
}
