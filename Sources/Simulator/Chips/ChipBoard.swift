import PowerDelivery
public import Quantities
public import RegisterBus

/// A board with a port controller and a TPS55288 that hangs on the I2C bus of a bridge, and a partner at the far end of its
/// cable, in virtual time.
///
/// What crosses the bus takes its time on the bench, bit by bit; whoever carries it over USB adds what that takes
/// (`pass`). The whole belongs to one thread.
public final class ChipBoard: @unchecked Sendable {
  public let bench: ChipBench
  public var partner: BoardPartner
  /// The board's side of the cable.
  public let side: Side
  /// The converter's enable line, where it is wired to the bridge: without the bridge it is low.
  public private(set) var isEnabled = true
  /// How long a bit takes; 400 kHz.
  public var bit = Nanoseconds(2_500)

  /// - Parameter followsEnable: whether the enable line is wired, so that the converter is off until the bridge drives it.
  public init(_ partner: BoardPartner.Kind, bench: ChipBench = ChipBench(), followsEnable: Bool = false) {
    self.bench = bench
    self.partner = BoardPartner(partner, on: bench)
    side = self.partner.side.other
    isEnabled = !followsEnable
    self.followsEnable = followsEnable
  }
  private let followsEnable: Bool

  /// Starts the partner and plugs it in.
  public func start() {
    partner.start()
    bench.plug()
    applyEnable()
  }

  /// When something happens by itself at the latest.
  public var nextEventTime: Instant { min(partner.nextDeadline, bench.nextEventTime ?? .distantFuture) }

  /// Lets time pass; the partner does what it has to do.
  public func advance(to end: Instant) {
    var standing = 0
    while nextEventTime <= end, standing < 1_000 {
      let before = bench.now
      partner.serve()
      bench.advance(to: min(max(nextEventTime, bench.now), max(end, bench.now)))
      standing = bench.now > before ? 0 : standing + 1
    }
    if bench.now < end { bench.advance(to: end) }
  }

  /// Lets a span of time pass.
  public func pass(_ span: Nanoseconds) { advance(to: bench.now + span) }

  public var interruptIsLow: Bool { bench.interruptIsLow(side) }

  /// The bridge drives the enable line, or has gone.
  public func setEnable(_ isHigh: Bool) {
    guard followsEnable, isHigh != isEnabled else { return }
    isEnabled = isHigh
    applyEnable()
  }

  /// The bridge is unplugged, and with it goes the supply of the board's port controller; its pins show Rd then.
  public func losePower() {
    bench.chips[side.index].loseSupply(at: bench.now)
    setEnable(false)
    bench.advance(to: bench.now)
  }

  private func applyEnable() {
    if side == .charger { bench.stage.isEnabledByPin = isEnabled }
  }

  // MARK: The chips' registers

  private var controller: UInt8 { bench.chips[side.index].busAddress }

  func write(_ bytes: [UInt8], to register: UInt8, of address: BusAddress) {
    switch address.rawValue {
    case controller: bench.chips[side.index].write(bytes, to: register, at: bench.now)
    case TPS55288Model.address: bench.stage.write(bytes, to: register)
    default: break
    }
    bench.advance(to: bench.now)
  }

  /// What a read that begins at `register` gives next.
  /// - Parameter position: how many bytes it has given.
  func read(from register: UInt8, position: Int, of address: BusAddress) -> UInt8 {
    defer { bench.advance(to: bench.now) }
    switch address.rawValue {
    case controller where bench.chips[side.index] is TCPCIModel:
      // A transfer stays in its register, however long that is; reading changes nothing.
      return bench.chips[side.index].read(position + 1, from: register, at: bench.now).last ?? 0xFF
    case controller:
      // The chip steps on, but in FIFOS.
      let place = register == 0x43 ? register : UInt8(truncatingIfNeeded: Int(register) + position)
      return bench.chips[side.index].read(1, from: place, at: bench.now).first ?? 0xFF
    case TPS55288Model.address:
      let place = UInt8(truncatingIfNeeded: Int(register) + position)
      return bench.stage.read(1, from: place).first ?? 0xFF
    default: return 0xFF
    }
  }

  func hasChip(_ address: BusAddress) -> Bool {
    address.rawValue == controller
      || address.rawValue == TPS55288Model.address && side == .charger && isEnabled
  }
}

/// The I2C side of a board, byte by byte.
public struct ChipBoardBus: I2CDeviceModel {
  public let board: ChipBoard
  /// Whether the bits take time on the bench; where USB is emulated in real time they do not.
  public var takesTime: Bool
  private var address: BusAddress?
  private var register: UInt8 = 0
  private var written: [UInt8] = []
  private var expectsRegister = false
  /// How many bytes the present read has given.
  private var position = 0

  public init(_ board: ChipBoard, takesTime: Bool = true) {
    self.board = board
    self.takesTime = takesTime
  }

  public var interruptIsLow: Bool { board.interruptIsLow }
  public mutating func setEnable(_ isHigh: Bool) { board.setEnable(isHigh) }

  private func passByte() { if takesTime { board.pass(Nanoseconds(9 * board.bit.rawValue)) } }

  public mutating func start(_ address: BusAddress, isRead: Bool) -> Bool {
    passByte()
    flush()
    self.address = board.hasChip(address) ? address : nil
    expectsRegister = !isRead
    position = 0
    return self.address != nil
  }

  public mutating func write(_ byte: UInt8) -> Bool {
    guard address != nil else { return false }
    passByte()
    if expectsRegister {
      register = byte
      expectsRegister = false
    } else {
      written.append(byte)
    }
    return true
  }

  public mutating func read() -> UInt8 {
    guard let address else { return 0xFF }
    passByte()
    defer { position += 1 }
    return board.read(from: register, position: position, of: address)
  }

  public mutating func stop() {
    flush()
    address = nil
  }

  /// A chip takes bytes as they come; here they are handed over together, which only the next transfer could tell.
  private mutating func flush() {
    guard let address, !written.isEmpty else { return }
    board.write(written, to: register, of: address)
    written.removeAll(keepingCapacity: true)
  }
}
