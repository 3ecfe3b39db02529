import PowerStages
import PowerSupervision
import Quantities
import Simulator

/// A stage and a supply with a line between them, in virtual time.
struct RidenBench {
  var stage: RidenStage
  var supply: RidenSupplyModel
  var now = Instant.zero
  /// What the stage said, but what it sent.
  var reports: [RidenAction] = []
  /// When what was sent, and what.
  var sent: [(at: Instant, bytes: [UInt8])] = []
  var received: [UInt8] = []
  /// What becomes of a byte, counted from 0 in each direction: another one, or none.
  var toSupply: (Int, UInt8) -> UInt8? = { $1 }
  var toStage: (Int, UInt8) -> UInt8? = { $1 }
  private var counts = (0, 0)

  init(_ model: RidenSupplyModel.Model = .rd6006, _ options: RidenOptions = RidenOptions()) {
    stage = RidenStage(options)
    supply = RidenSupplyModel(model)
  }

  mutating func handle(_ event: RidenEvent) {
    stage.handle(event, at: now)
    while let action = stage.nextAction() {
      guard case .send(let frame) = action else {
        reports.append(action)
        continue
      }
      let bytes = (0..<frame.count).map { frame[$0] }
      sent.append((now, bytes))
      supply.receive(
        bytes.compactMap { byte in
          defer { counts.0 += 1 }
          return toSupply(counts.0, byte)
        }, at: now)
    }
  }

  /// Lets time pass until `isEnough`, at most for `span`; whether it was enough.
  @discardableResult
  mutating func run(
    for span: Milliseconds, until isEnough: (RidenBench) -> Bool = { _ in false }
  ) -> Bool {
    let end = now + Nanoseconds(span)
    while !isEnough(self) {
      let next = min(stage.nextDeadline ?? end, supply.nextByte ?? end)
      guard next < end else {
        now = end
        supply.advance(to: now)
        return isEnough(self)
      }
      now = max(now, next)
      for byte in supply.send(at: now) {
        defer { counts.1 += 1 }
        guard let byte = toStage(counts.1, byte) else { continue }
        received.append(byte)
        handle(.received(byte))
      }
      if let deadline = stage.nextDeadline, deadline <= now { handle(.timeout) }
    }
    return true
  }

  /// Started, told 9 V and 3 A, and on.
  static func running(_ model: RidenSupplyModel.Model = .rd6006) -> RidenBench {
    var bench = RidenBench(model)
    bench.handle(.start)
    bench.run(for: Milliseconds(100)) { $0.stage.condition == .running }
    bench.switchOn()
    return bench
  }

  mutating func switchOn(_ voltage: Millivolts = Millivolts(9_000)) {
    handle(.command(.voltage(voltage)))
    handle(.command(.currentLimit(Milliamperes(3_000))))
    handle(.command(.output(true)))
    run(for: Milliseconds(1_000)) { $0.supply.isOn && $0.supply.voltage == voltage }
  }

  var measurements: [StageMeasurement] {
    reports.compactMap { if case .measured(let value) = $0 { value } else { nil } }
  }

  var faults: [RidenFault] {
    reports.compactMap { if case .failed(let fault) = $0 { fault } else { nil } }
  }
}
