public import PortEngine
public import PowerSupervision
public import Quantities

/// A FUSB302 for somebody else's code: a chip model that answers register accesses, with a port of this project at the
/// far end of the cable.
///
/// Whoever serves it lets time pass (`advance`), hands over transfers (`transfer`) and shows the interrupt pin.
public final class ChipTwin {
  /// Who is at the far end.
  public enum Partner: Sendable {
    /// A charger with a TPS55288; the host's chip is in a phone.
    case charger(SourcePolicy, SupervisorLimits)
    /// A phone; the host's chip is in a charger, whose VBUS follows what it says.
    case phone(SinkPolicy)
    /// A port of both roles with a TPS55288, that charges the host if it can; VBUS is the converter's or follows what
    /// the host says.
    case dual(SourcePolicy, SinkPolicy, SupervisorLimits)
  }

  public let bench: ChipBench
  public let partner: ChipPort
  /// The side of the host's chip.
  public let hostSide: Side
  /// How long after the first contract the partner asks for a swap of the power role, once; `nil` for never.
  public var powerSwapDelay: Nanoseconds?
  private var swapTime: Instant?
  /// The supply of a host that can be a source.
  private var supply: HostSupply?

  public init(_ partner: Partner, now: Instant = .zero) {
    let bench = ChipBench()
    bench.timing = BusTiming(call: Nanoseconds(20_000), bit: Nanoseconds(1_000))
    self.bench = bench
    switch partner {
    case .charger(let policy, let limits):
      self.partner = ChipPort(
        bench, .charger, PortEngine(ChipTwin.configuration(.sourceOnly), source: policy), limits: limits)
      hostSide = .phone
    case .phone(let policy):
      self.partner = ChipPort(
        bench, .phone, PortEngine(ChipTwin.configuration(.sinkOnly), sink: policy))
      hostSide = .charger
      supply = HostSupply(.charger)
    case .dual(let source, let sink, let limits):
      let configuration = ChipTwin.configuration(.dualRoleTrySource)
      self.partner = ChipPort(
        bench, .charger, PortEngine(configuration, source: source, sink: sink), limits: limits)
      hostSide = .phone
      supply = HostSupply(.phone)
    }
    bench.advance(to: now)
  }

  /// A port that grants every swap it can make.
  private static func configuration(_ roles: PortConfiguration.Roles) -> PortConfiguration {
    var configuration = PortConfiguration(roles: roles)
    configuration.goodCRC = .siliconWithRetries
    configuration.dataRoleSwap = .accept
    if roles.isDualRole { configuration.powerRoleSwap = .accept }
    return configuration
  }

  /// Starts the partner and plugs it in.
  public func start() {
    partner.start()
    bench.plug()
  }

  /// When something happens by itself at the latest.
  public var nextEventTime: Instant {
    [bench.nextEventTime, supply?.nextChange, swapTime].reduce(partner.nextDeadline) {
      min($0, $1 ?? .distantFuture)
    }
  }

  /// Lets time pass.
  public func advance(to end: Instant) {
    var turns = 0
    while turns < 100_000 {
      turns += 1
      partner.serve()
      askForSwap()
      followHost()
      let next = nextEventTime
      guard next <= end else { break }
      bench.advance(to: max(next, bench.now + Nanoseconds(1_000)))
    }
    if bench.now < end { bench.advance(to: end) }
  }

  /// One transfer on the host's bus: bytes that are written, then bytes that are read.
  /// - Returns: what was read; `nil` where nobody has the address.
  public func transfer(_ address: UInt8, write: [UInt8], read count: Int) -> [UInt8]? {
    guard address == bench.chips[hostSide.index].busAddress else { return nil }
    let register = write.first ?? lastRegister
    lastRegister = register
    if write.count > 1 {
      bench.chips[hostSide.index].write(Array(write.dropFirst()), to: register, at: bench.now)
    }
    let answer =
      count > 0 ? bench.chips[hostSide.index].read(count, from: register, at: bench.now) : []
    bench.settle()
    return answer
  }
  private var lastRegister: UInt8 = 0

  public var interruptIsLow: Bool { bench.interruptIsLow(hostSide) }

  // MARK: The host's supply

  /// Moves VBUS where the host is the source.
  private func followHost() {
    // It runs for as long as the host does: nothing may pile up.
    defer {
      bench.forget()
      partner.tripsPerMessage.removeAll(keepingCapacity: true)
    }
    guard supply != nil else { return }
    supply?.update(isSource: hostIsSource, bench.log, at: bench.now)
    let wanted = supply?.voltage ?? .zero
    guard wanted != bench.stage.overVoltage else { return }
    bench.stage.overVoltage = wanted
    bench.settle()
  }

  /// Whether the host's chip presents Rp where the partner presents Rd, and acknowledges messages.
  private var hostIsSource: Bool {
    let (host, far) = (hostSide, hostSide.other)
    guard bench.isPlugged, bench.chips[host.index].acknowledges,
      case .rp = bench.chips[host.index].termination(of: bench.pin(of: host))
    else { return false }
    return bench.chips[far.index].termination(of: bench.pin(of: far)) == .rd
  }

  // MARK: What the partner wants

  /// Asks for a swap of the power role once, when its time has come behind the first contract.
  private func askForSwap() {
    guard let delay = powerSwapDelay else { return }
    if swapTime == nil, partner.engine.contract != nil { swapTime = bench.now + delay }
    guard let time = swapTime, time <= bench.now else { return }
    powerSwapDelay = nil
    swapTime = nil
    partner.request(.powerRoleSwap)
  }
}
