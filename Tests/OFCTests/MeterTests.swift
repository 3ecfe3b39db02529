import Foundation
import TestSupport
import Testing

/// `ofc meter` as it is, in a world where a KM003C is plugged in that plays a recording.
@Suite(.enabled(if: World.isThere, World.absent)) struct MeterTests {
  private func command(_ recording: String, _ arguments: [String]) throws -> RunningCommand {
    try RunningCommand(
      World.arguments(recording, ["meter"] + arguments), executable: World.wrapper,
      folder: ProjectFiles.root)
  }

  /// The fields of a line without its time: `9.012 V`, `CC1 1.653`.
  private func fields(_ line: String) -> [String] {
    line.components(separatedBy: "  ").filter { !$0.isEmpty }.dropFirst().map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }

  /// Nobody looks at a terminal: a line each interval, and the summary behind them.
  @Test func lines() throws {
    let command = try command("usb_orig_with_pd_13", [])
    _ = command.output.wait(for: "--- attach ---")
    command.interruptChildren()
    let lines = command.output.rest()
    #expect(command.wait() == 0)
    #expect(lines.first?.hasPrefix("POWER-Z KM003C: packets, ") == true)
    #expect(
      lines.dropFirst().first.map(fields) == [
        "0.004 V", "0.000 A", "0.000 W", "CC1 3.239", "CC2 0.124", "D+ 0.077", "D- 0.076", "31.7 °C",
      ])
    let summary = lines.drop { $0 != "Summary" }.dropFirst()
    #expect(
      summary.map { String($0.prefix(10)).trimmingCharacters(in: .whitespaces) } == [
        "time", "", "VBUS", "current", "power", "charge", "energy",
      ])
    #expect(lines.allSatisfy { !$0.contains("\u{1B}") && !$0.contains("\r") })
  }

  /// The extremes are those of the recording, and the file holds what was measured.
  @Test func json() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("charge.jsonl")
    let command = try command(
      "usb_orig_with_pd_13", ["--json", "--interval", "50ms", "--write", file])
    _ = command.output.wait(for: "\"event\":\"detach\"")
    command.interruptChildren()
    let lines = command.output.rest()
    #expect(command.wait() == 0)
    let objects = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(Set(objects.compactMap { $0["type"] as? String }) == ["measurement", "event", "summary"])
    let measured = objects.filter { $0["type"] as? String == "measurement" }
    #expect(
      measured.allSatisfy { $0["power_mw"] is Int && $0["d_plus_mv"] is Int && $0["temperature_mc"] is Int })
    let times = measured.compactMap { $0["time_ns"] as? Int }
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 50_000_000 })
    // What was written, read again.
    let written = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").compactMap {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    let values = written.filter { $0["kind"] as? String == "measurement" }.compactMap {
      $0["vbus_mv"] as? Int
    }
    let summary = try #require(objects.last)
    let vbus = try #require(summary["vbus_mv"] as? [String: Int])
    #expect(vbus["minimum"] == values.min() && vbus["maximum"] == values.max())
    #expect(summary["measurements"] as? Int == values.count)
    #expect((vbus["mean"] ?? 0) > (vbus["minimum"] ?? 0) && (vbus["mean"] ?? 0) < (vbus["maximum"] ?? 0))
    #expect(summary["charge_uah"] is Int && summary["energy_uwh"] is Int)
    #expect(written.contains { $0["kind"] as? String == "packet" })
  }

  @Test func unplugged() throws {
    let result = try Command.run(
      World.arguments("usb_orig_with_pd_13", unplugAfter: 60, ["meter"]), executable: World.wrapper)
    #expect(result.status == 6)
    #expect(result.complaintLines.count == 1)
    #expect(result.complaints.contains("the device is gone; plug it in again"))
    #expect(result.lines.contains("Summary"))
  }

  @Test(arguments: [
    (["--device", "2-9"], 6, "no instrument `2-9` is plugged in; `ofc devices` lists them"),
    (["--write", "x.nothing"], 1, "x.nothing: the ending names no format"),
    (["--interval", "0"], 64, "--interval must be above 0."),
    (["--duration", "0"], 64, "--duration must be above 0."),
  ])
  func refused(_ arguments: [String], _ status: Int32, _ complaint: String) throws {
    let result = try Command.run(
      World.arguments("usb_orig_with_pd_13", ["meter"] + arguments), executable: World.wrapper)
    #expect(result.status == status)
    #expect(result.complaints.contains(complaint))
  }

  @Test func duration() throws {
    let result = try Command.run(
      World.arguments("usb_orig_with_pd_13", ["meter", "--duration", "300ms"]), executable: World.wrapper)
    #expect(result.status == 0 && result.complaints.isEmpty && result.lines.contains("Summary"))
  }
}
