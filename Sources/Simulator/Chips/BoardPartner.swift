public import HardwarePorts
public import PortControllers
public import PortEngine
import PowerDelivery
public import PowerStages
import PowerSupervision
public import Quantities
public import XiaomiCharge

/// Who is at the far end of the cable of a `ChipBoard`: a port of chips of its own, on a bus without a bridge.
public struct BoardPartner {
  public enum Kind: Sendable {
    /// A charger with a TPS55288.
    case charger(PortSetup, XiaomiChargerSetup? = nil)
    /// A phone, with Xiaomi's protocol or without.
    case phone(PortSetup, XiaomiPhoneSetup? = nil)
  }

  public var port: HardwarePort<FUSB302<ModelBus>, TPS55288<ModelBus>>
  public var observer = Observer()
  public let side: Side
  private let bench: ChipBench
  private let digest: (@Sendable (XiaomiDigestQuestion) -> XiaomiDigest?)?
  private let seed: XiaomiOctets?

  /// Keeps what the partner's engine has told.
  public struct Observer: PortObserver {
    public var notices: [PortNotice] = []
    public var phoneNotices: [XiaomiPhoneNotice] = []
    /// What it may draw; nothing before a contract.
    public var allowance = SinkAllowance(.nothing, voltage: .zero, current: .zero)

    public mutating func observe(_ action: PortAction, at now: Instant) {
      switch action {
      case .notify(let notice): notices.append(notice)
      case .draw(let allowance): self.allowance = allowance
      default: break
      }
    }

    public mutating func observe(_ notice: XiaomiPhoneNotice, at now: Instant) { phoneNotices.append(notice) }
  }

  public init(_ kind: Kind, on bench: ChipBench) {
    self.bench = bench
    switch kind {
    case .charger(let setup, let xiaomi):
      side = .charger
      let engine = PortEngine(Self.withRetries(setup.configuration), source: setup.source)
      let supply = PortSupply(
        stage: TPS55288(bus: ModelBus(bench, side)),
        limits: setup.supply
          ?? SupervisorLimits(
            voltage: Millivolts(21_000), current: Milliamperes(5_000), power: setup.source.pdp))
      port = HardwarePort(
        engine: engine, controller: FUSB302(bus: ModelBus(bench, side)), supply: supply)
      if let xiaomi {
        port.speakXiaomi(
          xiaomi.settings,
          SourceOffers(standard: setup.source, verified: xiaomi.verified, mutual: xiaomi.mutual))
      }
      digest = xiaomi.flatMap { if case .computed(let compute) = $0.keys { compute } else { nil } }
      seed = nil
    case .phone(let setup, let xiaomi):
      side = .phone
      port = HardwarePort(
        engine: PortEngine(Self.withRetries(setup.configuration), sink: setup.sink),
        controller: FUSB302(bus: ModelBus(bench, side)))
      if let xiaomi { port.becomePhone(xiaomi.profile, battery: Millivolts(3_800)) }
      digest = xiaomi?.keys
      seed = xiaomi?.seeds.first
    }
  }

  private static func withRetries(_ configuration: PortConfiguration) -> PortConfiguration {
    var configuration = configuration
    configuration.goodCRC = .siliconWithRetries
    return configuration
  }

  public mutating func start() { port.start(BenchClock(bench), &observer) }

  /// When it wants to be served at the latest.
  public var nextDeadline: Instant {
    port.controller.takesInterrupts && bench.interruptIsLow(side) ? bench.now : port.nextDeadline
  }

  /// Asks its engine for something.
  public mutating func request(_ request: PortRequest) { port.request(request, BenchClock(bench), &observer) }

  /// Does what is due.
  public mutating func serve() {
    let clock = BenchClock(bench)
    port.serve(clock, interruptIsLow: bench.interruptIsLow(side), &observer)
    if port.takeSessionRequest() {
      let session = XiaomiSession(seed: seed ?? .zero, challenge: XiaomiOctets(1, 2, 3, 4))
      port.begin(session, clock, &observer)
    }
    if let question = port.takeDigestQuestion() { port.answer(question, digest?(question), clock, &observer) }
    if side == .phone { bench.load = observer.allowance.current }
  }
}
