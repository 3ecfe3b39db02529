import LineCode
public import PortEngine
import PowerDelivery
public import Quantities
import RegisterBus

/// Two port controllers at the ends of a cable, and a TPS55288 that feeds VBUS at one of them, in virtual time.
///
/// Nothing happens by chance. Drivers reach the chips through `ModelBus`; whoever runs them asks `nextEventTime`,
/// lets time pass with `advance`, and looks at `interruptIsLow`. The line is in `ChipBench+Line`.
public final class ChipBench {
  public internal(set) var now = Instant.zero
  /// The charger's chip, then the phone's.
  public var chips: [any PortChipModel]
  /// The converter of the charger.
  public var stage = TPS55288Model()
  public var timing = BusTiming()
  /// What the phone draws while VBUS is there.
  public var load = Milliamperes.zero
  public internal(set) var isPlugged = false
  /// Where the cable's CC wire meets each receptacle.
  public let chargerPin: CCPin
  public let phonePin: CCPin
  /// Whether a plug shows Ra on the charger's other pin.
  public let hasMarker: Bool

  /// Calls of the bus that go wrong, by side.
  public var busFaults: [[BusFault]] = [[], []]
  /// Whether a side's bus is gone.
  public var isBusGone = [false, false]
  /// How many calls each side has made.
  public internal(set) var calls = [0, 0]

  /// Packets that are damaged on the line, by their number; resets and GoodCRCs count.
  public var damagedPackets: Set<Int> = []
  /// How many packets have been on the line.
  public internal(set) var packetCount = 0
  /// What was on the line.
  public internal(set) var log: [LogEntry] = []

  public struct LogEntry: Equatable, Sendable {
    public var end: Instant
    public var sender: Side
    public var signal: ChipSignal
    public var isSound: Bool
  }

  struct Active {
    var signal: ChipSignal
    var pin: CCPin?
    var start: Instant
    var end: Instant
    var isDamaged: Bool
  }
  var active: [Active?] = [nil, nil]
  private var powerTime = Instant.zero

  public init(
    chargerPin: CCPin = .cc1, phonePin: CCPin = .cc1, hasMarker: Bool = false,
    charger: any PortChipModel = FUSB302Model(), phone: any PortChipModel = FUSB302Model()
  ) {
    chips = [charger, phone]
    self.chargerPin = chargerPin
    self.phonePin = phonePin
    self.hasMarker = hasMarker
  }

  /// A side's chip as what it is; `nil`, and nothing to change, where it is another one.
  public subscript<Model: PortChipModel>(side: Side, as model: Model.Type = Model.self) -> Model? {
    get { chips[side.index] as? Model }
    set { if let newValue, chips[side.index] is Model { chips[side.index] = newValue } }
  }

  // MARK: The cable

  public func plug() {
    isPlugged = true
    settle()
  }

  public func unplug() {
    isPlugged = false
    settle()
  }

  func pin(of side: Side) -> CCPin { side == .charger ? chargerPin : phonePin }

  /// VBUS at the connector of a side.
  public func vbus(at side: Side) -> Millivolts { side == .charger || isPlugged ? stage.voltage : .zero }

  // MARK: Time

  /// When the bench changes by itself at the latest.
  public var nextEventTime: Instant? {
    var earliest = Instant.distantFuture
    for side in Side.both {
      if let active = active[side.index] { earliest = min(earliest, active.end) }
      if let deadline = chips[side.index].nextDeadline { earliest = min(earliest, max(deadline, now)) }
    }
    if !stage.isSettled { earliest = min(earliest, powerTime + ChipBench.powerStep) }
    return earliest == .distantFuture ? nil : earliest
  }

  /// How finely VBUS is followed while it moves.
  private static var powerStep: Nanoseconds { Nanoseconds(100_000) }

  /// Lets time pass until `end`.
  public func advance(to end: Instant) {
    var standing = 0
    while let next = nextEventTime, next <= end, standing < 1_000 {
      standing = next > now ? 0 : standing + 1
      now = max(now, next)
      step()
    }
    now = max(now, end)
    step()
  }

  /// Serves what is due now.
  private func step() {
    for side in Side.both {
      if let ended = active[side.index], ended.end <= now { end(ended, from: side) }
    }
    if stage.isSettled { powerTime = now } else { movePower() }
    for side in Side.both {
      if let transmission = chips[side.index].advance(to: now) { begin(transmission, from: side) }
    }
    settle()
  }

  private func movePower() {
    let span = now - powerTime
    guard span >= ChipBench.powerStep else { return }
    powerTime = now
    stage.advance(by: span, load: isPlugged ? load : .zero)
  }

  // MARK: The bus

  /// Whether a side's interrupt pin is low.
  public func interruptIsLow(_ side: Side) -> Bool { chips[side.index].interruptIsLow }

  func run(_ batch: inout RegisterBatch, _ side: Side) throws(RegisterBusError) {
    guard !batch.isOverfull else { throw RegisterBusError(.overfullBatch) }
    let number = calls[side.index]
    calls[side.index] += 1
    advance(to: now + timing.call)
    guard !isBusGone[side.index] else { throw RegisterBusError(.deviceGone) }
    let fault = busFaults[side.index].first { $0.hits(number) }
    if let fault, fault.kind == .refused { throw RegisterBusError(fault.cause) }
    for index in 0..<batch.count {
      guard let operation = batch.operation(index) else { continue }
      if let fault, case .cutAfter(let count) = fault.kind, index >= count {
        throw RegisterBusError(fault.cause, operation: index, address: operation.address)
      }
      advance(to: now + timing.duration(of: operation))
      guard carryOut(operation, index, &batch, side) else {
        throw RegisterBusError(.addressNotAcknowledged, operation: index, address: operation.address)
      }
    }
    if let fault { throw RegisterBusError(fault.cause, operation: batch.count, address: nil) }
  }

  private func carryOut(
    _ operation: RegisterOperation, _ index: Int, _ batch: inout RegisterBatch, _ side: Side
  ) -> Bool {
    let bytes = (0..<operation.count).map { batch.byte($0, of: index) }
    var answer: [UInt8] = []
    switch (operation.address.rawValue, operation.direction) {
    case (chips[side.index].busAddress, .write):
      chips[side.index].write(bytes, to: operation.register, at: now)
    case (chips[side.index].busAddress, .read):
      answer = chips[side.index].read(operation.count, from: operation.register, at: now)
    case (TPS55288Model.address, .write) where side == .charger: stage.write(bytes, to: operation.register)
    case (TPS55288Model.address, .read) where side == .charger:
      answer = stage.read(operation.count, from: operation.register)
    default: return false
    }
    for (position, byte) in answer.enumerated() { batch.store(byte, at: position, of: index) }
    settle()
    return true
  }
}
