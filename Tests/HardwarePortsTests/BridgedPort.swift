import Bridges
import HardwarePorts
import PortControllers
import PortEngine
import PowerDelivery
import PowerStages
import PowerSupervision
import Quantities
import RegisterBus
import Simulator
import USBSupport
import USBTransport
import XiaomiCharge

/// A port whose chips hang on an FT232H behind libusb, with a partner at the far end, in virtual time: engine, drivers,
/// bridge and libusb are what users run; device, chips, cable and partner are models.
final class BridgedPort<Controller: PortController> {
  typealias Port = HardwarePort<Controller, TPS55288<SharedFTDI>>

  let board: ChipBoard
  var plugged: PluggedDevice<TimedUSBModel<FTDIDeviceModel>>
  let bus: SharedFTDI
  var port: Port
  var log: PortLog
  /// Whether the interrupt line is wired to AD4 and looked at once a millisecond.
  let seesInterrupts: Bool
  /// Who answers for digests.
  var keys: (XiaomiDigestQuestion) -> XiaomiDigest? = { _ in nil }
  private var nextLook = Instant.zero

  init(
    _ partner: BoardPartner.Kind, own: PortSetup, bench: ChipBench = ChipBench(), seesInterrupts: Bool = true,
    faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil },
    makeController: (SharedFTDI) -> Controller
  ) throws {
    board = ChipBoard(partner, bench: bench, followsEnable: true)
    plugged = Self.plug(board, faults)
    let bus = SharedFTDI(try Self.open(plugged))
    self.bus = bus
    self.seesInterrupts = seesInterrupts
    var configuration = own.configuration
    configuration.goodCRC = .siliconWithRetries
    let isCharger = board.side == .charger
    port = HardwarePort(
      engine: isCharger
        ? PortEngine(configuration, source: own.source) : PortEngine(configuration, sink: own.sink),
      controller: makeController(bus),
      supply: own.supply.map { PortSupply(stage: TPS55288(bus: bus), limits: $0) })
    log = PortLog(bus)
  }

  static func plug(
    _ board: ChipBoard, _ faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) -> PluggedDevice<TimedUSBModel<FTDIDeviceModel>> {
    PluggedDevice(
      TimedUSBModel(FTDIDeviceModel(I2CBusModel(ChipBoardBus(board))), board), drivers: [0: "ftdi_sio"],
      faults: faults)
  }

  static func open(
    _ plugged: PluggedDevice<TimedUSBModel<FTDIDeviceModel>>
  ) throws(USBError) -> FTDIBridge {
    var settings = FTDIBridge.Settings()
    // The emulated device answers at once or never: nothing is waited for that comes.
    settings.timeout = Milliseconds(20)
    settings.enablePins = 0x20
    return try FTDIBridge(plugged.open(USBContext()), settings: settings)
  }

  var clock: BenchClock { BenchClock(board.bench) }
  var now: Instant { board.bench.now }

  func start() {
    board.start()
    port.start(clock, &log)
  }

  /// Lets time pass until `end`, or until `condition` holds.
  @discardableResult func run(
    milliseconds: Int64, until condition: (BridgedPort<Controller>) -> Bool = { _ in false }
  ) -> Bool {
    let end = now + Nanoseconds(Milliseconds(milliseconds))
    while now < end {
      serve()
      if condition(self) { return true }
      var next = min(end, port.nextDeadline)
      if seesInterrupts, port.controller.takesInterrupts { next = min(next, nextLook) }
      board.advance(to: max(next, now + Nanoseconds(1_000)))
    }
    return condition(self)
  }

  /// One turn of the port's thread.
  func serve() {
    var isLow = false
    log.beginTurn()
    if seesInterrupts, nextLook <= now, port.controller.takesInterrupts {
      isLow = bus.interruptIsLow()
      nextLook = now + Nanoseconds(1_000_000)
    }
    port.serve(clock, interruptIsLow: isLow, &log)
    if let question = port.takeDigestQuestion() { port.answer(question, keys(question), clock, &log) }
  }

  /// A device without faults takes the place of the one that is gone.
  func replug() {
    plugged = Self.plug(board)
    bus.bridge = try? Self.open(plugged)
  }

  /// From the end of each Request on the line to the first bit of the Accept for it.
  var acceptTimes: [Nanoseconds] {
    var request: Instant?
    var times: [Nanoseconds] = []
    for entry in board.bench.log {
      guard let header = entry.header, !header.extended else { continue }
      switch (header.numberOfDataObjects, header.messageType) {
      case (1..., 2): request = entry.end
      case (0, 3):
        if let request { times.append(entry.start - request) }
        request = nil
      default: break
      }
    }
    return times
  }

  var hasContract: Bool {
    port.engine.hasExplicitContract && board.partner.port.engine.hasExplicitContract
      && [.srcReady, .snkReady].contains(port.engine.state)
  }
}

extension BridgedPort where Controller == FUSB302<SharedFTDI> {
  convenience init(
    _ partner: BoardPartner.Kind, own: PortSetup, seesInterrupts: Bool = true,
    faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) throws {
    var options = FUSB302Options()
    options.hasInterruptPin = seesInterrupts
    options.attachedPoll = Nanoseconds(Milliseconds(seesInterrupts ? 5 : 1))
    try self.init(partner, own: own, seesInterrupts: seesInterrupts, faults: faults) {
      FUSB302(bus: $0, options: options)
    }
  }
}

/// One bridge for the controller and the stage.
final class SharedFTDI: RegisterBus {
  var bridge: FTDIBridge?
  /// Calls that were made.
  private(set) var calls = 0

  init(_ bridge: FTDIBridge) { self.bridge = bridge }

  func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    calls += 1
    guard var bridge else { throw RegisterBusError(.deviceGone) }
    defer { self.bridge = bridge }
    try bridge.run(&batch)
  }

  func interruptIsLow() -> Bool {
    guard var bridge else { return false }
    defer { self.bridge = bridge }
    return (try? bridge.interruptIsLow()) ?? false
  }
}

/// What happened at a port, and how many calls of the bus each message took.
struct PortLog: PortObserver {
  struct Answered: Equatable {
    var message: MessageKind
    /// To receive it, and to hand the answer to the chip.
    var trips: Int
    var isAnswered: Bool
  }

  var notices: [PortNotice] = []
  var stages: [XiaomiStage] = []
  var xiaomi: [XiaomiChargerNotice] = []
  var answered: [Answered] = []
  private let bus: SharedFTDI
  private var before = 0
  private var isAnswering = false

  init(_ bus: SharedFTDI) { self.bus = bus }

  mutating func beginTurn() {
    before = bus.calls
    isAnswering = false
  }

  mutating func observe(_ event: PortEvent, at now: Instant) {
    isAnswering = false
    guard case .received(let message) = event else { return }
    answered.append(Answered(message: message.kind, trips: bus.calls - before, isAnswered: false))
    before = bus.calls
    isAnswering = true
  }

  mutating func observe(_ action: PortAction, at now: Instant) {
    switch action {
    case .notify(let notice): notices.append(notice)
    case .transmit where isAnswering:
      // What the engine asks for is handed over in one call.
      answered[answered.count - 1].trips += 1
      answered[answered.count - 1].isAnswered = true
      isAnswering = false
    default: break
    }
  }

  mutating func observe(_ notice: XiaomiChargerNotice, at now: Instant) { xiaomi.append(notice) }
  mutating func observe(_ stage: XiaomiStage, at now: Instant) { stages.append(stage) }
}
