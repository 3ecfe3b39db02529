import PortControllers
import PortEngine
import PowerDelivery
import PowerStages
import PowerSupervision
import Quantities
import RegisterBus
import Simulator

/// A chip with its driver.
enum PortChip: Sendable, CustomStringConvertible {
  case fusb302(FUSB302Options = FUSB302Options())
  case tcpci(TCPCIModel.Interface = .r2, TCPCIOptions = TCPCIOptions())

  var description: String {
    switch self {
    case .fusb302: "FUSB302"
    case .tcpci(let interface, _): "TCPCI \(interface)"
    }
  }

  var model: any PortChipModel {
    switch self {
    case .fusb302: FUSB302Model()
    case .tcpci(let interface, _): TCPCIModel(interface)
    }
  }

  func port(_ bench: ChipBench, _ side: Side, _ engine: PortEngine, limits: SupervisorLimits? = nil)
    -> ChipPort
  {
    switch self {
    case .fusb302(let options): ChipPort(bench, side, engine, options, limits: limits)
    case .tcpci(_, let options): ChipPort(bench, side, engine, options, limits: limits)
    }
  }
}

/// A charger and a phone on port controllers, run together.
final class ChipLink {
  let bench: ChipBench
  let charger: ChipPort
  let phone: ChipPort

  /// Both on FUSB302s.
  convenience init(
    _ sink: SinkPolicy, revision: SpecificationRevision = .revision3,
    bench: ChipBench = ChipBench(), options: FUSB302Options = FUSB302Options()
  ) {
    self.init(sink, revision: revision, bench: bench, charger: .fusb302(options), phone: .fusb302(options))
  }

  /// On these; the models of `bench` are theirs.
  init(
    _ sink: SinkPolicy, revision: SpecificationRevision = .revision3, bench: ChipBench,
    charger chargerChip: PortChip, phone phoneChip: PortChip
  ) {
    self.bench = bench
    var source = PortConfiguration(roles: .sourceOnly)
    source.goodCRC = .siliconWithRetries
    source.revision = revision
    var sinkConfiguration = PortConfiguration(roles: .sinkOnly)
    sinkConfiguration.goodCRC = .siliconWithRetries
    sinkConfiguration.revision = revision
    let power = Milliwatts(45_000)
    let limits = SupervisorLimits(voltage: Millivolts(21_200), current: Milliamperes(5_000), power: power)
    charger = chargerChip.port(
      bench, .charger, PortEngine(source, source: ChargerModel(.pps, power: power).policy(power: power)),
      limits: limits)
    phone = phoneChip.port(bench, .phone, PortEngine(sinkConfiguration, sink: sink))
  }

  static func fixed(_ voltage: Int32) -> SinkPolicy {
    var policy = PhoneModel.pd3Fixed.setup.sink
    policy.strategy = .fixed(maximumVoltage: Millivolts(voltage))
    return policy
  }

  static func pps(_ voltage: Int32) -> SinkPolicy {
    var policy = PhoneModel.pps.setup.sink
    policy.strategy = .pps(voltage: Millivolts(voltage), current: Milliamperes(2_000))
    return policy
  }

  func start() {
    charger.start()
    phone.start()
    bench.plug()
  }

  var hasContract: Bool {
    charger.engine.hasExplicitContract && phone.engine.hasExplicitContract
      && charger.engine.state == .srcReady
      && phone.engine.state == .snkReady
  }

  /// Lets time pass until `end`, or until `condition` holds.
  @discardableResult func run(milliseconds: Int64, until condition: (ChipLink) -> Bool = { _ in false })
    -> Bool
  {
    let end = bench.now + Nanoseconds(Milliseconds(milliseconds))
    while bench.now < end {
      charger.serve()
      phone.serve()
      if condition(self) { return true }
      var next = min(end, min(charger.nextDeadline, phone.nextDeadline))
      if let event = bench.nextEventTime { next = min(next, event) }
      bench.advance(to: max(next, bench.now + Nanoseconds(1_000)))
    }
    return condition(self)
  }

  func runToContract(milliseconds: Int64 = 2_500) -> Bool {
    run(milliseconds: milliseconds) { $0.hasContract }
  }
}
