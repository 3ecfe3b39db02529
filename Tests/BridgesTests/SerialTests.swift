import Bridges
import Glibc
import PowerStages
import PowerSupervision
import Quantities
import Simulator
import Testing

/// The other end of a serial port: a pair of pseudo-terminals.
final class SerialPeer {
  let path: String
  private var master: Int32

  init() throws {
    var ends = (Int32(-1), Int32(-1))
    var name = [CChar](repeating: 0, count: 128)
    try #require(unsafe openpty(&ends.0, &ends.1, &name, nil, nil) == 0)
    master = ends.0
    close(ends.1)
    path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { hangUp() }

  func hangUp() {
    if master >= 0 { close(master) }
    master = -1
  }

  func write(_ bytes: [UInt8]) {
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(master, $0.baseAddress, $0.count) }
  }

  /// What is there; waits for something where `waits`.
  func read(waits: Bool = false) -> [UInt8] {
    var request = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&request, 1, waits ? 10_000 : 0) > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(master, $0.baseAddress, $0.count) }
    return Array(bytes.prefix(max(0, count)))
  }
}

@Suite struct SerialTests {
  private static var soon: Instant { MonotonicTime.now() + Nanoseconds(Milliseconds(10_000)) }

  /// Every byte comes through as it is: none is a command of the terminal, none a line's end, none is echoed.
  @Test func everyByte() throws {
    let peer = try SerialPeer()
    let line = try SerialLine(path: peer.path)
    let all = (UInt8.min...UInt8.max).map { $0 }
    try line.write(all, until: Self.soon)
    var heard: [UInt8] = []
    while heard.count < 256 { heard += peer.read(waits: true) }
    #expect(heard == all)
    peer.write(all)
    var read: [UInt8] = []
    while read.count < 256 { read += try line.read(100, until: Self.soon) }
    #expect(read == all)
    #expect(peer.read().isEmpty)
  }

  @Test func deadlines() throws {
    let peer = try SerialPeer()
    let line = try SerialLine(path: peer.path)
    #expect(try line.read(1, until: .zero).isEmpty)
    let begin = MonotonicTime.now()
    #expect(try line.read(1, until: begin + Nanoseconds(Milliseconds(15))).isEmpty)
    #expect(MonotonicTime.now() - begin >= Nanoseconds(Milliseconds(15)))
    #expect(try line.read(0, until: Self.soon).isEmpty)
    // Nobody reads: the port takes what its buffer holds, and says how much that was.
    let much = [UInt8](repeating: 0x55, count: 1 << 20)
    #expect {
      try line.write(much, until: MonotonicTime.now() + Nanoseconds(Milliseconds(20)))
    } throws: { error in
      guard let error = error as? SerialError, case .timedOut(let done) = error.cause else { return false }
      return done > 0 && done < much.count
    }
  }

  @Test func unplugged() throws {
    let peer = try SerialPeer()
    let line = try SerialLine(path: peer.path)
    peer.hangUp()
    #expect(throws: SerialError(path: peer.path, cause: .gone)) { try line.read(1, until: Self.soon) }
    #expect(throws: SerialError(path: peer.path, cause: .gone)) { try line.write([1], until: Self.soon) }
    #expect(SerialError(path: "/dev/ttyUSB0", cause: .gone).description.contains("plug it in again"))
  }

  @Test func noSerialPort() {
    #expect(throws: BridgeError(.noSerialPort("/dev/null", errorNumber: ENOTTY))) {
      try SerialLine(path: "/dev/null")
    }
    #expect(throws: BridgeError(.cannotOpen("/dev/ttyNOTHERE", errorNumber: ENOENT))) {
      try SerialLine(path: "/dev/ttyNOTHERE")
    }
  }
}

@Suite struct RidenSupplyTests {
  private final class HandClock { var moment = Instant.zero }

  /// The model of a supply behind a real terminal. Its time and the machine's is virtual: a terminal that is slow costs
  /// nothing.
  private struct Bench {
    let peer: SerialPeer
    let clock = HandClock()
    var supply: RidenSupply
    var model = RidenSupplyModel()
    var actions: [RidenAction] = []

    init() throws {
      peer = try SerialPeer()
      var options = RidenOptions()
      options.answerTime = Nanoseconds(Milliseconds(5_000))
      let clock = clock
      supply = RidenSupply(try SerialLine(path: peer.path), options: options) { clock.moment }
    }

    mutating func run(until isEnough: (Bench) -> Bool) throws {
      for _ in 0..<20_000 where !isEnough(self) {
        clock.moment = clock.moment + Nanoseconds(Milliseconds(1))
        let bytes = peer.read()
        if !bytes.isEmpty { model.receive(bytes, at: clock.moment) }
        peer.write(model.send(at: clock.moment))
        while let action = try supply.next(until: clock.moment) { actions.append(action) }
      }
    }
  }

  @Test func onAndOff() throws {
    var bench = try Bench()
    bench.supply.start()
    try bench.run { $0.supply.stage.condition == .running }
    #expect(bench.actions.first == .ready(.rd6006))
    bench.supply.perform(.voltage(Millivolts(9_000)))
    bench.supply.perform(.currentLimit(Milliamperes(3_000)))
    bench.supply.perform(.output(true))
    try bench.run { bench in
      bench.actions.contains {
        if case .measured(let value) = $0 { value.vbus == Millivolts(9_000) } else { false }
      }
    }
    #expect(bench.model.isOn && bench.model.voltage == Millivolts(9_000))
    bench.supply.perform(.output(false))
    try bench.run { !$0.model.isOn }
    #expect(!bench.model.isOn && bench.supply.stage.condition == .running)
  }

  @Test func unplugged() throws {
    var bench = try Bench()
    bench.supply.start()
    try bench.run { $0.supply.stage.condition == .running }
    bench.peer.hangUp()
    #expect(throws: SerialError(path: bench.peer.path, cause: .gone)) {
      for _ in 0..<1_000 { _ = try bench.supply.next(until: .zero) }
    }
  }
}
