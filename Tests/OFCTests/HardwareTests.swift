import Foundation
import TestSupport
import Testing

/// `ofc sink` and `ofc serve --port` as they are, in a world where an FT232H is plugged in with a board behind it: engine,
/// drivers, bridge and libusb are real, device and chips are models, and the partner is this project's.
@Suite(.enabled(if: World.isThere, World.absent), .serialized) struct HardwareTests {
  private static let charger = "fusb302@ft232h,int=ad4,enable=ad5"

  private func run(_ board: String, _ arguments: [String], unplugAfter limit: Int? = nil) throws
    -> Command.Result
  {
    try Command.run(
      [World.program, "board:\(board)"] + (limit.map { ["--unplug-after", "\($0)"] } ?? [])
        + ["--", Command.executable?.path ?? "ofc"] + arguments, executable: World.wrapper)
  }

  @Test func sweep() throws {
    let result = try run(
      "charger",
      ["sink", "--port", Self.charger, "--sweep", "pps", "--step", "4V", "--dwell", "20ms", "--json"])
    #expect(result.status == 0, "\(result.complaints)")
    let results = (result.objects ?? []).filter { $0["type"] as? String == "result" }
    #expect(
      results.compactMap { $0["contract_mv"] as? Int } == [3_300, 7_300, 11_300, 15_300, 19_300, 21_000])
    #expect(results.allSatisfy { $0["given"] as? Bool == true })
  }

  @Test func notOffered() throws {
    let result = try run("charger", ["sink", "--avs", "12V"])
    #expect(result.status == 4 && result.lines.last == "  AVS 12 V          ✗ not offered")
  }

  @Test func unplugged() throws {
    let result = try run(
      "charger", ["sink", "--port", Self.charger, "--pps", "9V", "--wait", "1s"], unplugAfter: 120)
    #expect(
      result.status == 6 && result.complaints.contains("the bridge is unplugged"), "\(result.complaints)")
  }

  @Test func charging() throws {
    let result = try run(
      "phone", ["serve", "--port", Self.charger, "--lines", "--colour", "never", "--duration", "3s"])
    #expect(result.status == 0, "\(result.complaints)")
    #expect(result.lines.contains { $0.contains("contract PPS 9 V") })
    #expect(result.lines.last == "-- port: closed, VBUS 0.00 V")
  }

  @Test(
    arguments: [
      (["sink", "--port", "fusb302"], 64), (["sink", "--pps", "9V", "--fixed", "9V"], 64),
      (["sink", "--port", "fusb302@ch347"], 6), (["serve", "--port", "fusb302@ch347"], 6),
      (["serve", "--port", charger, "--speed", "2"], 1), (["sink", "--pps", "9"], 64),
    ] as [([String], Int32)])
  func whatMakesNoSense(_ arguments: [String], _ status: Int32) throws {
    #expect(try run("charger", arguments).status == status)
  }

  @Test func scan() throws {
    #expect(try run("phone", ["devices", "--scan"]).lines.last == "          0x22: FUSB302 (DEVICE_ID 0x91)")
  }
}
