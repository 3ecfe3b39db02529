import Bridges
import Quantities
import RegisterBus
import Simulator
import Testing
import USBSupport
import USBTransport

/// Every transfer of a start and two batches fails once in every way, behind WCH's chips and the MCP2221A.
@Suite struct FaultSweepTests {
  static let faults: [USBFault] = [
    .goneBefore, .goneDuring, .stall, .silence, .overflow, .protocolError, .short(0), .short(1), .short(5),
    .garbage(7), .garbage(8),
  ]

  /// What a fault of USB may look like on the bus. Bytes of data that are wrong nobody can tell.
  private static func causes(_ fault: USBFault) -> Set<RegisterBusError.Cause> {
    switch fault {
    case .goneBefore, .goneDuring: [.deviceGone]
    case .stall, .overflow, .protocolError: [.unexpectedAnswer]
    case .silence: [.timedOut]
    case .short: [.shortAnswer, .timedOut, .addressNotAcknowledged, .dataNotAcknowledged, .unexpectedAnswer]
    case .garbage:
      [
        .unexpectedAnswer, .addressNotAcknowledged, .dataNotAcknowledged, .shortAnswer, .timedOut,
        .lineStuckLow,
      ]
    }
  }

  @Test(arguments: faults, [WCHDeviceModel.Chip.ch347Mode3, .ch341A])
  func wch(_ fault: USBFault, _ chip: WCHDeviceModel.Chip) throws {
    var clean = try WCHBench(chip)
    for _ in 0..<2 { _ = clean.bridge.attempt() }
    let total = clean.plugged.transfers.count
    // Raising SCL, STOP, the clock, an answer that nobody waits for and twice none; then two batches.
    #expect(total == (chip == .ch341A ? 28 : 10))
    for transfer in 0..<total {
      let bench = try WCHBench(chip, timeout: Milliseconds(20), faults: { $0 == transfer ? fault : nil })
      var bridge = bench.bridge
      sweep(&bridge, fault, transfer) { bridge in bridge.lastFault }
    }
  }

  @Test(arguments: faults) func mcp2221a(_ fault: USBFault) throws {
    var clean = try MCPBench()
    for _ in 0..<2 { _ = clean.bridge.attempt() }
    let total = clean.plugged.transfers.count
    #expect(total == 45)
    var settings = MCP2221ABridge.Settings()
    settings.timeout = Milliseconds(20)
    for transfer in 0..<total {
      let bench = try MCPBench(settings: settings, faults: { $0 == transfer ? fault : nil })
      var bridge = bench.bridge
      sweep(&bridge, fault, transfer) { bridge in bridge.lastFault }
      #expect(!bench.plugged.model.isHung, "transfer \(transfer)")
    }
  }

  /// Two batches with the fault, and one behind it.
  private func sweep<Bus: RegisterBus>(
    _ bridge: inout Bus, _ fault: USBFault, _ transfer: Int, lastFault: (Bus) -> USBError?
  ) {
    var errors: [RegisterBusError] = []
    for _ in 0..<2 { if let error = bridge.attempt().1 { errors.append(error) } }
    #expect(
      Set(errors.map(\.cause)).isSubset(of: Self.causes(fault)), "transfer \(transfer): \(errors)")
    if fault == .goneBefore || fault == .goneDuring {
      #expect(errors.last?.cause == .deviceGone && lastFault(bridge)?.cause == .gone, "transfer \(transfer)")
      #expect(bridge.trial() == .failed(.deviceGone), "transfer \(transfer)")
    } else {
      #expect(errors.count <= 1, "transfer \(transfer): \(errors)")
      #expect(bridge.trial() == .well, "transfer \(transfer)")
    }
  }
}
