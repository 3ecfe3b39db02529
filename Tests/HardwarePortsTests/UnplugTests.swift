import Foundation
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
  private static func link(_ faults: @escaping @Sendable (Int) -> USBFault?) throws
    -> BridgedPort<FUSB302<SharedFTDI>>
  {
    try BridgedPort(
      .phone(PhoneModel.pps.setup), own: ChargerModel(.pps, power: Milliwatts(45_000)).setup, faults: faults)
  }

  private static func hasPower(_ link: BridgedPort<FUSB302<SharedFTDI>>) -> Bool {
    link.hasContract && link.board.bench.stage.voltage == Millivolts(9_000)
  }

  /// How many transfers it takes from plugging in to a PPS contract of 9 V.
  private static func transferCount() throws -> Int {
    let link = try link { _ in nil }
    link.start()
    try #require(link.run(milliseconds: 2_000, until: hasPower))
    return link.plugged.transfers.count
  }

  /// Shares the runs among cores.
  private static let parts = 8
  /// Every kind of fault at every transfer takes minutes: `tools/test --exhaustive`. Otherwise every transfer is hit by
  /// one kind of unplugging and one other fault, in turn.
  private static let isExhaustive = ProcessInfo.processInfo.environment["OFC_EXHAUSTIVE"] != nil

  private static let unpluggings: [USBFault] = [.goneBefore, .goneDuring]
  private static let faults: [USBFault] = [
    .stall, .silence, .short(0), .short(1), .short(5), .overflow, .protocolError, .garbage(7), .garbage(8),
  ]

  /// What happens to the transfer of this number, each in a run of its own.
  private static func due(_ faults: [USBFault], at number: Int) -> [USBFault] {
    isExhaustive ? faults : [faults[number % faults.count]]
  }

  @Test(arguments: 0..<parts) func unplugged(_ part: Int) throws {
    let total = try Self.transferCount()
    for number in stride(from: part, to: total, by: Self.parts) {
      for fault in Self.due(Self.unpluggings, at: number) { try unplug(number, fault) }
    }
    if part == 0 {
      print(
        "➜ unplugged at each of \(total) transfers of a handshake\(Self.isExhaustive ? ", in both ways" : "")"
      )
    }
  }

  private func unplug(_ number: Int, _ fault: USBFault) throws {
    let link = try Self.link { $0 == number ? fault : nil }
    link.start()
    // The device is gone: what it drove and what it fed goes with it.
    #expect(link.run(milliseconds: 2_000) { $0.plugged.transfers.count > number }, "transfer \(number)")
    link.board.losePower()
    // Where nobody draws, VBUS only leaks away.
    #expect(
      link.run(milliseconds: 650) { $0.board.bench.stage.voltage <= Millivolts(800) },
      "VBUS at transfer \(number), \(fault)")
    #expect(!link.port.engine.hasExplicitContract, "transfer \(number), \(fault)")
    // It returns.
    link.replug()
    #expect(
      link.run(milliseconds: 4_000, until: Self.hasPower), "no contract after transfer \(number), \(fault)")
  }

  @Test(arguments: 0..<parts) func faulty(_ part: Int) throws {
    let total = try Self.transferCount()
    for number in stride(from: part, to: total, by: Self.parts) {
      for fault in Self.due(Self.faults, at: number) {
        let link = try Self.link { $0 == number ? fault : nil }
        link.start()
        #expect(
          link.run(milliseconds: 6_000, until: Self.hasPower),
          "no contract after transfer \(number), \(fault)")
      }
    }
    if part == 0 {
      let kinds = Self.isExhaustive ? "all \(Self.faults.count) kinds of fault" : "a fault"
      print("➜ \(kinds) at each of \(total) transfers of a handshake")
    }
  }
}
