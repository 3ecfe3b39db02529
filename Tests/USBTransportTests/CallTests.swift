import Quantities
import Simulator
import Testing
import Threading
import USBSupport
import USBTransport

@Suite struct CallTests {
  @Test func descriptors() throws {
    let info = try Bench().device.info
    #expect(info.identity == USBIdentity(vendor: 0x1209, product: 1))
    #expect(info.product == "Loop Device" && info.manufacturer == "Maker" && info.serialNumber == "42")
    #expect(info.deviceClass.description == "EF/02/01")
    #expect(info.speed == .full)
    #expect(
      info.interfaces.map { interface in
        "\(interface.number) \(interface.interfaceClass) "
          + interface.endpoints.map { "\($0.kind.rawValue) \($0.address) \($0.maximumPacketSize)" }
          .joined(separator: ", ")
      } == [
        "0 03/00/00 interrupt IN 0x83 16", "1 FF/00/00 bulk OUT 0x02 64, bulk IN 0x81 64",
      ])
  }

  @Test(arguments: [
    (USBMatch(), true),
    (USBMatch(identities: [USBIdentity(vendor: 0x1209, product: 1)]), true),
    (USBMatch(identities: [USBIdentity(vendor: 0x1209, product: 2)]), false),
    (USBMatch(interfaceClass: 0xFF), true),
    (USBMatch(interfaceClass: 0xFE), false),
    (USBMatch(productContains: "loop"), true),
    (USBMatch(productContains: "hoop"), false),
  ])
  func matching(_ match: USBMatch, _ isWanted: Bool) throws {
    #expect(match.matches(try Bench().device.info) == isWanted)
  }

  @Test func transfers() throws {
    let bench = try Bench()
    let long = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
    #expect(bench.write([1, 2, 3]) == .success([]))
    #expect(bench.read() == .success([1, 2, 3]))
    #expect(bench.write([]) == .success([]))
    #expect(bench.read() == .success([]))
    #expect(bench.write(long) == .success([]))
    #expect(try bench.device.read(bench.bulkIn, capacity: 300, timeout: Milliseconds(5000)) == long)
    // A packet that is longer than what was asked for comes whole; more than a packet does not fit.
    let report = [UInt8](repeating: 9, count: 16)
    bench.plugged.change { $0.reports = [report, report + [9]] }
    #expect(
      try bench.device.read(bench.interruptIn, capacity: 1, timeout: Milliseconds(5000)) == report)
    let result = Result { () throws(USBError) in
      try bench.device.read(bench.interruptIn, capacity: 1, timeout: Milliseconds(5000))
    }
    #expect(result.cause == .overflow)
  }

  @Test func control() throws {
    let bench = try Bench()
    let set = USBControlRequest(requestType: 0x40, request: 1, value: 0xABCD, index: 0x0102)
    try bench.device.control(set, writing: [7, 8])
    let get = USBControlRequest(requestType: 0xC0, request: 2)
    #expect(try bench.device.control(get, reading: 64) == [0xCD, 0xAB])
    #expect(bench.plugged.transfers.first?.sent == [0x40, 1, 0xCD, 0xAB, 2, 1, 2, 0, 7, 8])
    let unknown = USBControlRequest(requestType: 0xC0, request: 9)
    let result = Result { () throws(USBError) in try bench.device.control(unknown, reading: 1) }
    #expect(result.cause == .stalled)
  }

  /// A kernel driver is sent away while the interface is ours, and called back.
  @Test func kernelDriver() throws {
    let bench = try Bench(drivers: [1: "powerz"])
    #expect(bench.plugged.log == ["disconnect 1", "claim 1", "claim 0"])
    bench.device.close()
    #expect(
      bench.plugged.log.dropFirst(3).sorted() == ["connect 1", "release 0", "release 1"])
    #expect(bench.read().cause == .closed)
    bench.device.close()
  }

  @Test(arguments: [
    (USBFault.goneBefore, USBError.Cause.gone), (.goneDuring, .gone), (.stall, .stalled),
    (.overflow, .overflow), (.protocolError, .transferFailed),
    (.silence, .timedOut(Milliseconds(20), done: 0)),
  ])
  func faults(_ fault: USBFault, _ cause: USBError.Cause) throws {
    for transfer in 0..<2 {
      let bench = try Bench(faults: { $0 == transfer ? fault : nil })
      let written = bench.write([1, 2, 3], 20)
      let read = transfer == 1 ? bench.read(20) : written
      #expect(read.cause == cause)
      // A device that is still there works on.
      if cause != .gone {
        if transfer == 0 { #expect(bench.write([1, 2, 3]) == .success([])) }
        #expect(bench.read() == .success([1, 2, 3]))
      } else {
        #expect(bench.read().cause == .gone)
        #expect(bench.write([1]).cause == .gone)
      }
    }
  }

  @Test func shortTransfers() throws {
    let bench = try Bench(faults: { $0 == 0 || $0 == 1 ? .short(2) : nil })
    #expect(bench.write([1, 2, 3]).cause == .short(expected: 3, done: 2))
    #expect(bench.read() == .success([1, 2]))
  }

  @Test func unplugWhileWaiting() throws {
    let bench = try Bench()
    let results = Mailbox<Result<[UInt8], USBError>>()
    let thread = WorkThread(name: "reader") { results.put([bench.read(60_000)]) }
    while bench.plugged.transfers.isEmpty {}
    bench.plugged.unplug()
    thread.join()
    #expect(results.takeNow().map(\.cause) == [.gone])
  }

  @Test(arguments: [false, true]) func cancelWhileWaiting(_ closes: Bool) throws {
    let bench = try Bench()
    let results = Mailbox<Result<[UInt8], USBError>>()
    let thread = WorkThread(name: "reader") { results.put([bench.read(60_000)]) }
    while bench.plugged.transfers.isEmpty {}
    if closes { bench.device.close() } else { bench.device.cancelCalls() }
    thread.join()
    #expect(results.takeNow().map(\.cause) == [.cancelled])
    #expect(bench.write([5]).cause == (closes ? .closed : nil))
  }
}
