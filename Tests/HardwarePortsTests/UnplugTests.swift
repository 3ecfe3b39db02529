import PortControllers
import PortEngine
import PowerDelivery
import Quantities
import Simulator
import TestSupport
import Testing
import USBSupport

/// Every single USB transfer of a charger's start and handshake goes wrong once in every way.
@Suite("Every transfer of a handshake fails once") struct UnplugTests {
  private static func link(_ faults: @escaping @Sendable (Int) -> USBFault?) throws -> BridgedPort {
    try BridgedPort(
      .phone(PhoneModel.pps.setup), own: ChargerModel(.pps, power: Milliwatts(45_000)).setup, faults: faults)
  }

  private static func hasPower(_ link: BridgedPort) -> Bool {
    link.hasContract && link.board.bench.stage.voltage == Millivolts(9_000)
  }

  /// How many transfers it takes from plugging in to a PPS contract of 9 V.
  private static func transferCount() throws -> Int {
    let link = try link { _ in nil }
    link.start()
    try #require(link.run(milliseconds: 2_000, until: hasPower))
    return link.plugged.transfers.count
  }

  private static let parts = 8

  @Test(arguments: [USBFault.goneBefore, .goneDuring], 0..<parts)
  func unplugged(_ fault: USBFault, _ part: Int) throws {
    let total = try Self.transferCount()
    for number in stride(from: part, to: total, by: Self.parts) {
      let link = try Self.link { $0 == number ? fault : nil }
      link.start()
      // The device is gone: what it drove and what it fed goes with it.
      #expect(link.run(milliseconds: 2_000) { $0.plugged.transfers.count > number }, "transfer \(number)")
      link.board.losePower()
      // Where nobody draws, VBUS only leaks away.
      #expect(
        link.run(milliseconds: 650) { $0.board.bench.stage.voltage <= Millivolts(800) },
        "VBUS at transfer \(number)")
      #expect(!link.port.engine.hasExplicitContract, "transfer \(number)")
      // It returns.
      link.replug()
      #expect(link.run(milliseconds: 4_000, until: Self.hasPower), "no contract after transfer \(number)")
    }
    if part == 0 { print("➜ unplugged (\(fault)) at each of \(total) transfers of a handshake") }
  }

  static let faults: [USBFault] = [
    .stall, .silence, .short(0), .short(1), .short(5), .overflow, .protocolError, .garbage(7), .garbage(8),
  ]

  @Test(arguments: faults, 0..<parts)
  func faulty(_ fault: USBFault, _ part: Int) throws {
    let total = try Self.transferCount()
    for number in stride(from: part, to: total, by: Self.parts) {
      let link = try Self.link { $0 == number ? fault : nil }
      link.start()
      #expect(link.run(milliseconds: 6_000, until: Self.hasPower), "no contract after transfer \(number)")
    }
    if part == 0 { print("➜ \(fault) at each of \(total) transfers of a handshake") }
  }
}
