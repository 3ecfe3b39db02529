public import PortEngine
import PowerDelivery
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
  }

  public let bench: ChipBench
  public let partner: ChipPort
  /// The side of the host's chip.
  public let hostSide: Side
  private var offer: [UInt32] = []
  private var requested = Millivolts(5_000)
  /// When the host's VBUS was told to move last.
  private var hostVBUS = Millivolts.zero

  public init(_ partner: Partner, now: Instant = .zero) {
    let bench = ChipBench()
    bench.timing = BusTiming(call: Nanoseconds(20_000), bit: Nanoseconds(1_000))
    self.bench = bench
    switch partner {
    case .charger(let policy, let limits):
      var configuration = PortConfiguration(roles: .sourceOnly)
      configuration.goodCRC = .siliconWithRetries
      configuration.dataRoleSwap = .accept
      self.partner = ChipPort(
        bench, .charger, PortEngine(configuration, source: policy), limits: limits)
      hostSide = .phone
    case .phone(let policy):
      var configuration = PortConfiguration(roles: .sinkOnly)
      configuration.goodCRC = .siliconWithRetries
      configuration.dataRoleSwap = .accept
      self.partner = ChipPort(bench, .phone, PortEngine(configuration, sink: policy))
      hostSide = .charger
    }
    bench.advance(to: now)
  }

  /// Starts the partner and plugs it in.
  public func start() {
    partner.start()
    bench.plug()
  }

  /// When something happens by itself at the latest.
  public var nextEventTime: Instant {
    min(partner.nextDeadline, bench.nextEventTime ?? .distantFuture)
  }

  /// Lets time pass.
  public func advance(to end: Instant) {
    var turns = 0
    while turns < 100_000 {
      turns += 1
      partner.serve()
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

  /// A host that is a source has no converter here: VBUS goes where its messages say, as a good one would.
  private func followHost() {
    // It runs for as long as the host does: nothing may pile up.
    defer {
      bench.forget()
      partner.tripsPerMessage.removeAll(keepingCapacity: true)
    }
    guard hostSide == .charger else { return }
    let isAttached = isSourceAttached
    var wanted = isAttached ? max(hostVBUS, Millivolts(5_000)) : .zero
    for entry in bench.log { if let voltage = follow(entry) { wanted = voltage } }
    guard wanted != hostVBUS else { return }
    hostVBUS = wanted
    bench.stage.overVoltage = wanted
    bench.settle()
  }

  /// Whether the host's chip presents Rp where the partner presents Rd, and acknowledges messages: a host is ready to
  /// hear them before it supplies VBUS.
  private var isSourceAttached: Bool {
    guard bench.isPlugged, bench.chips[0].acknowledges,
      case .rp = bench.chips[0].termination(of: bench.chargerPin)
    else { return false }
    return bench.chips[1].termination(of: bench.phonePin) == .rd
  }

  /// The voltage to which a packet leads; `nil` for the one that is there.
  private func follow(_ entry: ChipBench.LogEntry) -> Millivolts? {
    switch entry.signal {
    case .hardReset: return Millivolts(5_000)
    case .packet(.sop, let bytes) where entry.isSound && bytes.count >= 6:
      let header = MessageHeader(rawValue: UInt16(bytes[0]) | UInt16(bytes[1]) << 8)
      let words = stride(from: 2, to: bytes.count - 7, by: 4).map { index in
        (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
      }
      let isData = header.numberOfDataObjects > 0 && !header.extended
      if entry.sender == .charger, isData, header.messageType == 1 { offer = words }
      if entry.sender == .phone, isData, header.messageType == 2, let request = words.first {
        let position = Int(request >> 28)
        guard offer.indices.contains(position - 1) else { return nil }
        let object = SourcePDO(rawValue: offer[position - 1])
        requested = PowerContract(request: request, of: object, isEPR: false)?.voltage ?? requested
      }
      let isAccept = header.numberOfDataObjects == 0 && header.messageType == 3
      return entry.sender == .charger && isAccept ? requested : nil
    default: return nil
    }
  }
}
