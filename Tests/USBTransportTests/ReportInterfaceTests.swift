import Quantities
import Testing
import USBSupport
import USBTransport

@Suite struct ReportInterfaceTests {
  private func bench(
    _ model: ClassModel = ClassModel(), faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) throws -> (plugged: PluggedDevice<ClassModel>, reports: USBReportInterface) {
    let plugged = PluggedDevice(model, drivers: [0: "usbhid"], faults: faults)
    return (plugged, try USBReportInterface(plugged.open(USBContext())))
  }

  /// An id of 0 is never on the wire; without an OUT endpoint the report goes through endpoint 0.
  @Test(arguments: [
    (true, USBReport([1, 2, 3]), "out [1, 2, 3]"), (true, USBReport(id: 4, [1, 2]), "out [4, 1, 2]"),
    (false, USBReport([1, 2, 3]), "set 200 [1, 2, 3]"),
    (false, USBReport(id: 4, [1, 2]), "set 204 [4, 1, 2]"),
  ])
  func outputs(_ hasOut: Bool, _ report: USBReport, _ expected: String) throws {
    let bench = try bench(ClassModel(hasOut: hasOut))
    try bench.reports.write(report)
    #expect(bench.plugged.model.outputs == [expected])
    #expect(bench.plugged.log == ["disconnect 0", "claim 0"])
  }

  @Test(arguments: [UInt8(0), 7]) func features(_ id: UInt8) throws {
    let bench = try bench()
    try bench.reports.setFeature(USBReport(id: id, [1, 2, 3, 4, 5]))
    #expect(bench.plugged.model.features == [id: (id == 0 ? [] : [id]) + [1, 2, 3, 4, 5]])
    #expect(try bench.reports.feature(id: id, count: 5) == USBReport(id: id, [1, 2, 3, 4, 5]))
    #expect(try bench.reports.feature(id: id, count: 2) == USBReport(id: id, [1, 2]))
    #expect(
      bench.plugged.transfers.map { Array($0.sent.prefix(8)) } == [
        [0x21, 0x09, id, 3, 0, 0, id == 0 ? 5 : 6, 0], [0xA1, 0x01, id, 3, 0, 0, id == 0 ? 5 : 6, 0],
        [0xA1, 0x01, id, 3, 0, 0, id == 0 ? 2 : 3, 0],
      ])
  }

  /// A feature report that is another one, none, or not known.
  @Test func wrongFeature() throws {
    let bench = try bench()
    bench.plugged.change { $0.features = [1: [2, 9], 3: []] }
    let causes = [UInt8(1), 3, 4].map { id in
      Result { () throws(USBError) in try bench.reports.feature(id: id, count: 1) }.cause
    }
    #expect(causes == [.transferFailed, .short(expected: 1, done: 0), .stalled])
  }

  /// Ten thousand reports in bursts of all sizes: each is a transfer of its own, none is lost.
  @Test func stream() throws {
    let bench = try bench()
    let stream = try bench.reports.stream()
    let count = 10_000
    func report(_ number: Int) -> [UInt8] {
      [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
        + [UInt8](repeating: 0x5A, count: 62)
    }
    var received: [[UInt8]] = []
    var sent = 0
    var burst = 1
    while received.count < count {
      if sent < count {
        let end = min(count, sent + burst)
        bench.plugged.change { $0.reports += (sent..<end).map(report) }
        sent = end
        burst = burst % 29 + 1
      }
      for case .bytes(let bytes, _) in stream.arrivals.take(until: sent < count ? 0 : .max).items {
        received.append(bytes)
      }
    }
    #expect(received == (0..<count).map(report))
    #expect(bench.reports.packetSize == 64)
    // A longer transfer would not end with a full packet, on a real bus.
    #expect(bench.plugged.model.capacities == [0x85: [64]])
  }

  @Test func notThere() throws {
    let device = try PluggedDevice(ClassModel(hasHID: false)).open(USBContext())
    let result = Result { () throws(USBError) in try USBReportInterface(device) }
    #expect(result.cause == .notFound)
    let other = try PluggedDevice(ClassModel()).open(USBContext())
    let chosen = Result { () throws(USBError) in
      try USBReportInterface(other, where: { $0.number == 5 })
    }
    #expect(chosen.cause == .notFound)
  }

  @Test(arguments: [
    (USBFault.goneBefore, USBError.Cause.gone), (.goneDuring, .gone), (.stall, .stalled),
    (.overflow, .overflow), (.protocolError, .transferFailed),
    (.silence, .timedOut(Milliseconds(20), done: 0)), (.short(1), .short(expected: 3, done: 1)),
  ])
  func faults(_ fault: USBFault, _ cause: USBError.Cause) throws {
    for hasOut in [true, false] {
      for transfer in 0..<3 {
        let bench = try bench(ClassModel(hasOut: hasOut), faults: { $0 == transfer ? fault : nil })
        let reports = bench.reports
        let limit = Milliseconds(20)
        let results = (0..<3).map { step in
          Result { () throws(USBError) in
            switch step {
            case 0: try reports.write(USBReport([1, 2, 3]), timeout: limit)
            case 1: try reports.setFeature(USBReport(id: 2, [1, 2]), timeout: limit)
            default: return try reports.feature(id: 2, count: 2, timeout: limit).bytes
            }
            return []
          }
        }
        if fault == .short(1), transfer == 2 {
          // What a device answers may be short: the id alone.
          #expect(results[2] == .success([]))
        } else {
          #expect(results[transfer].cause == cause, "\(transfer)")
        }
        for (index, later) in results.enumerated() where index != transfer && cause != .gone {
          // Without the feature report having been set there is none.
          if transfer != 1 || index != 2 { #expect(later.cause == nil, "\(transfer) \(index)") }
        }
        if cause == .gone { #expect(results.last?.cause == .gone) }
      }
    }
  }
}
