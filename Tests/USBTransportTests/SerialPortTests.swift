import Quantities
import Testing
import USBSupport
import USBTransport

@Suite struct SerialPortTests {
  private func plugged(
    _ model: ClassModel = ClassModel(), faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) -> PluggedDevice<ClassModel> {
    PluggedDevice(model, drivers: [2: "cdc_acm", 3: "cdc_acm", 4: "cdc_acm", 5: "cdc_acm"], faults: faults)
  }

  @Test func open() throws {
    let plugged = plugged()
    let device = try plugged.open(USBContext())
    let port = try USBSerialPort(device, index: 1)
    #expect(port.communication.number == 4 && port.data.number == 5)
    try port.open(
      USBLineCoding(rate: BitsPerSecond(921_600), stopBits: .two, parity: .even, dataBits: 7))
    #expect(plugged.model.codings == [4: [0x00, 0x10, 0x0E, 0x00, 2, 2, 7]])
    #expect(plugged.model.lines == [4: 3])
    #expect(
      plugged.transfers.map(\.sent) == [
        [0x21, 0x20, 0, 0, 4, 0, 7, 0, 0x00, 0x10, 0x0E, 0x00, 2, 2, 7], [0x21, 0x22, 3, 0, 4, 0, 0, 0],
      ])
    device.close()
    #expect(plugged.log.prefix(4) == ["disconnect 4", "claim 4", "disconnect 5", "claim 5"])
    #expect(
      plugged.log.dropFirst(4).sorted() == ["connect 4", "connect 5", "release 4", "release 5"])
  }

  @Test func standardCoding() { #expect(USBLineCoding().bytes == [0x00, 0xC2, 0x01, 0x00, 0, 0, 8]) }

  /// What is written comes back, whole and in order; nothing before DTR.
  @Test func echo() throws {
    let plugged = plugged()
    let port = try USBSerialPort(plugged.open(USBContext()), index: 1)
    let sent = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let stream = try port.stream()
    try port.write(sent)
    #expect(stream.arrivals.takeNow().isEmpty)
    try port.open()
    // A pump follows each request.
    var received: [UInt8] = []
    while received.count < sent.count {
      for case .bytes(let bytes, _) in stream.arrivals.take(until: .max).items { received += bytes }
    }
    #expect(received == sent)
    #expect(plugged.model.capacities[0x84] == [64])
  }

  @Test(arguments: [2, 9]) func notThere(_ index: Int) throws {
    let device = try plugged().open(USBContext())
    let result = Result { () throws(USBError) in try USBSerialPort(device, index: index) }
    #expect(result.cause == .notFound)
    guard case .failure(let error) = result else { return }
    #expect(
      error.description
        == "1209:0002 at bus 0 device 7 (Classes): looking for a serial port (CDC-ACM): the device has no such thing"
    )
  }

  @Test func noSerial() throws {
    let device = try plugged(ClassModel(hasSerial: false)).open(USBContext())
    #expect(Result { () throws(USBError) in try USBSerialPort(device) }.cause == .notFound)
  }

  /// Every transfer of opening, writing and reading fails once in every way; then the port works or is gone.
  @Test(arguments: [
    (USBFault.goneBefore, USBError.Cause.gone), (.goneDuring, .gone), (.stall, .stalled),
    (.overflow, .overflow), (.protocolError, .transferFailed),
    (.silence, .timedOut(Milliseconds(500), done: 0)), (.short(1), .short(expected: 7, done: 1)),
  ])
  func faults(_ fault: USBFault, _ cause: USBError.Cause) throws {
    for transfer in 0..<3 {
      let plugged = plugged(faults: { $0 == transfer ? fault : nil })
      let port = try USBSerialPort(plugged.open(USBContext()), index: 1)
      let causes = (0..<3).map { step in
        Result { () throws(USBError) in
          switch step {
          case 0: try port.set(USBLineCoding())
          case 1: try port.set([.dataTerminalReady, .requestToSend])
          default: try port.write([1, 2, 3, 4, 5, 6, 7])
          }
        }.cause
      }
      // A request without data cannot be short.
      let isHarmless = fault == .short(1) && transfer == 1
      #expect(causes[transfer] == (isHarmless ? nil : cause), "\(transfer)")
      for (index, later) in causes.enumerated() where index != transfer {
        #expect(later == (cause == .gone && index > transfer ? .gone : nil), "\(transfer) \(index)")
      }
    }
  }

  /// After a stall the stream begins anew and loses nothing more.
  @Test func stalledStream() throws {
    let plugged = plugged()
    let port = try USBSerialPort(plugged.open(USBContext()), index: 1)
    try port.open()
    let stream = try port.stream()
    plugged.change { $0.isHalted = true }
    var causes: [USBError.Cause] = []
    while causes.isEmpty {
      for case .fault(let error) in stream.arrivals.take(until: .max).items { causes.append(error.cause) }
    }
    #expect(causes == [.stalled])
    try port.clearHalt()
    #expect(plugged.log.last == "clear halt 84")
    let next = try port.stream()
    try port.write([9, 8, 7])
    guard case .bytes(let bytes, _) = next.arrivals.take(until: .max).items.first else {
      Issue.record("nothing came")
      return
    }
    #expect(bytes == [9, 8, 7])
  }

  /// Where the second interface cannot be had, the first is given back.
  @Test func half() throws {
    let plugged = PluggedDevice(ClassModel(), drivers: [4: "cdc_acm", 5: "usbfs"])
    let device = try plugged.open(USBContext())
    let result = Result { () throws(USBError) in try USBSerialPort(device, index: 1) }
    #expect(result.cause == .busy)
    #expect(plugged.log.suffix(2) == ["release 4", "connect 4"])
  }
}
