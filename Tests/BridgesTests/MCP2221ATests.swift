import Bridges
import Quantities
import RegisterBus
import Simulator
import TestSupport
import Testing
import USBSupport
import USBTransport

/// A register file behind an MCP2221A behind libusb.
struct MCPBench {
  let plugged: PluggedDevice<MCP2221AModel>
  var bridge: MCP2221ABridge

  init(
    file: RegisterFileModel = .patterned(), settings: MCP2221ABridge.Settings = MCP2221ABridge.Settings(),
    _ change: (inout MCP2221AModel) -> Void = { _ in },
    faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) throws {
    var model = MCP2221AModel(I2CBusModel(file))
    change(&model)
    plugged = PluggedDevice(model, drivers: [2: "usbhid"], faults: faults)
    bridge = try MCP2221ABridge(plugged.open(USBContext()), settings: settings)
  }

  var talk: String { plugged.model.master.bus.talk }

  /// Reports that went to the chip, without the zeros behind them.
  var reports: [[UInt8]] {
    plugged.transfers.filter { $0.endpoint == 0x03 }.map { transfer in
      Array(transfer.sent[...(transfer.sent.lastIndex { $0 != 0 } ?? 0)])
    }
  }
}

@Suite struct MCP2221ATests {
  @Test(arguments: [0, 1, 3, 7]) func registers(_ latency: Int) throws {
    var bench = try MCPBench { $0.latency = latency }
    #expect(bench.bridge.trial() == .well)
    #expect(bench.talk == FTDIBench.talk)
    #expect(bench.plugged.log.prefix(2) == ["disconnect 2", "claim 2"])
    #expect(bench.plugged.transfers.allSatisfy { $0.endpoint == 0x83 || $0.sent.count == 64 })
    #expect(bench.plugged.model.divider == 0x1B)
    guard latency == 0 else { return }
    // The first batch asks for the status and sets the clock; then two reports a write, three a read.
    #expect(bench.bridge.exchanges == 12)
    #expect(bench.bridge.trial() == .well)
    #expect(bench.bridge.exchanges == 22)
  }

  /// The reports of the description of the chip, byte for byte.
  @Test func vector() throws {
    var bench = try MCPBench()
    _ = bench.bridge.attempt(Batches.read(from: 0x01))
    _ = bench.bridge.attempt(Batches.write([0x0F], to: 0x0B))
    #expect(
      bench.reports
        == [
          "10", "10 00 00 20 1B", "94 01 00 44 01", "93 01 00 45", "40", "90 02 00 44 0B 0F", "10",
        ].map { bytes($0) })
  }

  @Test(arguments: [(MCP2221ASpeed.standard100kHz, UInt8(0x75)), (.fast400kHz, 0x1B)])
  func speeds(_ speed: MCP2221ASpeed, _ divider: UInt8) throws {
    var settings = MCP2221ABridge.Settings()
    settings.speed = speed
    var bench = try MCPBench(settings: settings)
    #expect(bench.bridge.trial() == .well)
    #expect(bench.plugged.model.divider == divider)
  }

  @Test(arguments: 0..<13, [0, 2]) func refusal(_ place: Int, _ latency: Int) throws {
    var bench = try MCPBench(file: .patterned(refusal: place)) { $0.latency = latency }
    let (batch, error) = bench.bridge.attempt()
    #expect(error == AcknowledgePlace(place).error)
    #expect(place < 11 || batch.byte(of: 2) == 0x55)
    #expect(bench.bridge.trial() == .well)
    #expect(!bench.plugged.model.isHung)
  }

  @Test func nobody() throws {
    var bench = try MCPBench(file: .patterned(BusAddress(rawValue: 0x50)))
    for batch in [Batches.write([1], to: 0), Batches.read(from: 0), Batches.read(from: 0)] {
      #expect(
        bench.bridge.attempt(batch).1
          == RegisterBusError(.addressNotAcknowledged, operation: 0, address: FTDIBench.chip))
    }
    #expect(bench.plugged.model.commands.contains(0x10) && !bench.plugged.model.isHung)
  }

  /// An engine that was never used is not told to cancel: it would hang.
  @Test func neverUsed() throws {
    var bench = try MCPBench { $0.isConfused = true }
    #expect(bench.bridge.attempt().1?.cause == .timedOut)
    #expect(!bench.plugged.model.isHung && !bench.plugged.model.commands.contains(0x10))
  }

  /// An engine that something on the bus has confused is told to cancel.
  @Test func confused() throws {
    var bench = try MCPBench()
    #expect(bench.bridge.trial() == .well)
    bench.plugged.change { $0.isConfused = true }
    let first = bench.bridge.trial()
    #expect(bench.bridge.trial() == .well)
    #expect(!bench.plugged.model.isConfused && first == .failed(.timedOut))
  }

  /// A bridge that somebody else left in the middle of a transfer.
  @Test func leftBehind() throws {
    var bench = try MCPBench {
      _ = $0.receive(bytes("94 01 00 44 10") + [UInt8](repeating: 0, count: 59), at: 0x03)
    }
    // The answer to it lies there as well.
    #expect(bench.bridge.trial() == .well)
    #expect(bench.plugged.model.commands.prefix(2) == [0x94, 0x10])
  }

  @Test func stuck() throws {
    var bench = try MCPBench { $0.master.bus.pulsesToFree = 1_000_000 }
    #expect(bench.bridge.attempt().1?.cause == .lineStuckLow)
    bench.plugged.change {
      $0.master.bus.pulsesToFree = 0; $0.master.stop()
    }
    var again = try MCPBench { $0.master.bus.stretch = 7 }
    #expect(again.bridge.trial() == .well)
    again.plugged.change { $0.master.bus.pulsesToFree = 1_000_000 }
    let cause = again.bridge.attempt().1?.cause
    #expect(cause == .timedOut || cause == .lineStuckLow)
  }

  @Test func tooLong() throws {
    var bench = try MCPBench()
    for (count, cause) in [(60, nil), (61, RegisterBusError.Cause.unsupported), (0, .unsupported)] {
      #expect(bench.bridge.attempt(Batches.read(count, from: 0)).1?.cause == cause)
    }
    for (count, cause) in [(59, nil), (60, RegisterBusError.Cause.unsupported)] {
      let bytes = [UInt8](repeating: 9, count: count)
      #expect(bench.bridge.attempt(Batches.write(bytes, to: 0)).1?.cause == cause)
    }
    var overfull = RegisterBatch()
    for _ in 0..<30 { overfull.read(1, from: 0, of: FTDIBench.chip) }
    #expect(bench.bridge.attempt(overfull).1 == RegisterBusError(.overfullBatch))
  }

  @Test func fitness() {
    #expect(BridgeKind.allCases.filter { !$0.traits.isFitForPortController } == [.mcp2221a])
    #expect(BridgeKind.mcp2221a.traits.reason.contains("12 ms"))
    #expect(BridgeKind.mcp2221a.traits.readTime.lowerBound == Microseconds(12_000))
  }
}
