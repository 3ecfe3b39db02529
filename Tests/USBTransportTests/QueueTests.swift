import Quantities
import Simulator
import Testing
import Threading
import USBSupport
import USBTransport

@Suite struct QueueTests {
  /// All that came until the mailbox closed.
  private func drain(_ mailbox: Mailbox<USBArrival>) -> [USBArrival] {
    var all: [USBArrival] = []
    while true {
      let taken = mailbox.take(until: .max)
      all += taken.items
      if taken.isClosed && taken.items.isEmpty { return all }
    }
  }

  private func bytes(_ arrivals: [USBArrival]) -> [[UInt8]] {
    arrivals.compactMap { if case .bytes(let bytes, _) = $0 { bytes } else { nil } }
  }

  private func faults(_ arrivals: [USBArrival]) -> [USBError.Cause] {
    arrivals.compactMap { if case .fault(let error) = $0 { error.cause } else { nil } }
  }

  private func numbered(_ range: Range<Int>) -> [[UInt8]] {
    range.map { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8), 0xA5] }
  }

  /// Twenty thousand packets in bursts of all sizes come whole and in order.
  @Test(arguments: [1, 4, 16]) func noneLost(_ transfers: Int) throws {
    let bench = try Bench()
    let queue = try USBInQueue(bench.device, bench.bulkIn, transfers: transfers, size: 64)
    let count = 20_000
    var sent = 0
    var burst = 1
    while sent < count {
      let end = min(count, sent + burst)
      bench.plugged.change { $0.packets += numbered(sent..<end) }
      sent = end
      burst = burst % 37 + 1
    }
    var received: [USBArrival] = []
    while received.count < count { received += queue.arrivals.take(until: .max).items }
    #expect(bytes(received) == numbered(0..<count))
    queue.stop()
    #expect(drain(queue.arrivals).isEmpty)
  }

  @Test func timesDoNotGoBack() throws {
    let bench = try Bench()
    let queue = try USBInQueue(bench.device, bench.bulkIn)
    bench.plugged.change { $0.packets = numbered(0..<100) }
    var received: [USBArrival] = []
    while received.count < 100 { received += queue.arrivals.take(until: .max).items }
    let times = received.compactMap { if case .bytes(_, let time) = $0 { time } else { nil } }
    #expect(times == times.sorted() && times.count == 100)
  }

  @Test func stall() throws {
    let bench = try Bench()
    bench.plugged.change {
      $0.packets = numbered(0..<50)
      $0.haltsBehind = true
    }
    let queue = try USBInQueue(bench.device, bench.bulkIn)
    let arrivals = drain(queue.arrivals)
    #expect(bytes(arrivals) == numbered(0..<50))
    #expect(faults(arrivals) == [.stalled])
    try bench.device.clearHalt(bench.bulkIn)
    #expect(bench.plugged.log.last == "clear halt 81")
    let next = try USBInQueue(bench.device, bench.bulkIn)
    bench.plugged.change { $0.packets = numbered(0..<3) }
    var received: [USBArrival] = []
    while received.count < 3 { received += next.arrivals.take(until: .max).items }
    #expect(bytes(received) == numbered(0..<3))
  }

  /// At whatever transfer the device goes, what came before is kept and the queue ends.
  @Test(arguments: 0..<12) func unplug(_ transfer: Int) throws {
    for fault in [USBFault.goneBefore, .goneDuring] {
      let bench = try Bench(faults: { $0 == transfer ? fault : nil })
      bench.plugged.change { $0.packets = numbered(0..<20) }
      do throws(USBError) {
        let queue = try USBInQueue(bench.device, bench.bulkIn)
        let arrivals = drain(queue.arrivals)
        #expect(faults(arrivals) == [.gone])
        #expect(bytes(arrivals) == numbered(0..<bytes(arrivals).count))
        #expect(bytes(arrivals).count <= transfer)
      } catch {
        #expect(transfer == 0 && error.cause == .gone)
      }
      #expect(bench.read().cause == .gone)
    }
  }

  /// A queue and calls of another thread go together.
  @Test func beside() throws {
    let bench = try Bench()
    let queue = try USBInQueue(bench.device, bench.interruptIn)
    for number in 0..<200 {
      bench.plugged.change { $0.reports.append([UInt8(number)]) }
      #expect(bench.write([UInt8(number)]) == .success([]))
      #expect(bench.read() == .success([UInt8(number)]))
    }
    bench.device.close()
    let arrivals = drain(queue.arrivals)
    #expect(bytes(arrivals) == (0..<200).map { [UInt8($0)] })
    #expect(faults(arrivals).isEmpty)
  }

  @Test func wrongEndpoint() throws {
    let bench = try Bench()
    let result = Result { () throws(USBError) in try USBInQueue(bench.device, bench.bulkOut) }
    #expect(result.cause == .notSupported)
  }
}
