import Bridges
import Quantities
import RegisterBus
import Simulator
import Testing
import USBSupport
import USBTransport

/// Every transfer of a start and three batches fails once in every way.
@Suite struct FaultTests {
  private static let causes: [USBFault: Set<RegisterBusError.Cause>] = [
    .goneBefore: [.deviceGone], .goneDuring: [.deviceGone], .stall: [.unexpectedAnswer],
    .silence: [.timedOut], .overflow: [.unexpectedAnswer], .protocolError: [.unexpectedAnswer],
    .short(0): [.shortAnswer, .timedOut], .short(1): [.shortAnswer, .timedOut],
    .short(5): [.shortAnswer, .timedOut, .unexpectedAnswer, .lineStuckLow],
    // What is not what the bridge's protocol knows; bytes of data that are wrong nobody can tell.
    .garbage(7): [
      .unexpectedAnswer, .lineStuckLow, .addressNotAcknowledged, .dataNotAcknowledged, .shortAnswer,
    ],
    .garbage(8): [
      .unexpectedAnswer, .lineStuckLow, .addressNotAcknowledged, .dataNotAcknowledged, .shortAnswer,
    ],
  ]

  @Test(arguments: causes.keys.sorted { "\($0)" < "\($1)" })
  func ftdi(_ fault: USBFault) throws {
    var settings = FTDIBridge.Settings()
    settings.timeout = Milliseconds(20)
    var clean = try FTDIBench()
    for _ in 0..<3 { _ = clean.run() }
    let total = clean.plugged.transfers.count
    #expect(total == 15)
    var failures = 0
    for transfer in 0..<total {
      var bench = try FTDIBench(settings: settings, faults: { $0 == transfer ? fault : nil })
      var errors: [RegisterBusError] = []
      for _ in 0..<3 { if let error = bench.run().1 { errors.append(error) } }
      failures += errors.isEmpty ? 0 : 1
      #expect(
        Set(errors.map(\.cause)).isSubset(of: Self.causes[fault] ?? []), "transfer \(transfer): \(errors)")
      check(errors, fault, transfer) {
        bench.run().1 == nil && bench.run().0.byte(of: 3) == 0x0F
      }
      if Self.isGone(fault) { #expect(bench.bridge.lastFault?.cause == .gone) }
    }
    if Self.alwaysFails(fault) { #expect(failures == total) }
  }

  @Test(arguments: causes.keys.sorted { "\($0)" < "\($1)" })
  func tinyUSB(_ fault: USBFault) throws {
    var clean = try TinyBench(.avr)
    for _ in 0..<3 { _ = clean.run() }
    let total = clean.plugged.transfers.count
    #expect(total == 30)
    for transfer in 0..<total {
      var bench = try TinyBench(
        .avr, timeout: Milliseconds(20), faults: { $0 == transfer ? fault : nil })
      var errors: [RegisterBusError] = []
      for _ in 0..<3 { if let error = bench.run().1 { errors.append(error) } }
      #expect(
        Set(errors.map(\.cause)).isSubset(of: Self.causes[fault] ?? []), "transfer \(transfer): \(errors)")
      check(errors, fault, transfer) {
        bench.run().1 == nil && bench.run().0.byte(of: 3) == 0x0F
      }
      if Self.alwaysFails(fault) { #expect(!errors.isEmpty, "transfer \(transfer)") }
    }
  }

  private static func isGone(_ fault: USBFault) -> Bool { fault == .goneBefore || fault == .goneDuring }

  private static func alwaysFails(_ fault: USBFault) -> Bool {
    [.goneBefore, .goneDuring, .stall, .silence, .overflow, .protocolError].contains(fault)
  }

  /// A device that is gone stays gone; any other fault costs one batch and no more.
  private func check(
    _ errors: [RegisterBusError], _ fault: USBFault, _ transfer: Int, worksAgain: () -> Bool
  ) {
    if Self.isGone(fault) {
      #expect(errors.last?.cause == .deviceGone && !worksAgain(), "transfer \(transfer)")
    } else {
      #expect(errors.count <= 1 && worksAgain(), "transfer \(transfer): \(errors)")
    }
  }
}
