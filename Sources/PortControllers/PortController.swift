public import PortEngine
public import Quantities
public import RegisterBus

/// A chip that is the physical layer of a USB-C port: what a `PortEngine` asks for becomes register accesses, and
/// interrupts become its events.
///
/// It has no clock and waits for nothing but its bus. Whoever drives it does this, over and over:
///
///     if interruptPinIsLow, controller.takesInterrupts { controller.interrupt(at: now) }
///     if controller.nextDeadline is due { controller.poll(at: now) }
///     while let event = controller.nextEvent() {
///       engine.handle(event, at: now)
///       while let action = engine.nextAction() { controller.perform(action, at: now) }   // and supply, load, user
///     }
///     controller.commit(at: now)
///
/// It opens the port (`.enable`) when the chip is set up, and closes it (`.disable`) when the chip or its bus fails, so
/// that VBUS is taken off; then it tries again.
public protocol PortController {
  var condition: PortControllerCondition { get }
  var statistics: PortControllerStatistics { get }
  /// When `poll(at:)` is due at the latest; `nil` while the controller is stopped.
  var nextDeadline: Instant? { get }
  /// Whether `interrupt(at:)` does anything.
  var takesInterrupts: Bool { get }

  /// Resets the chip and sets it up; `.enable` tells the engine when that is done.
  mutating func start(at now: Instant)
  /// Takes terminations and VCONN off and stops the chip from acknowledging what nobody reads; the engine is told to
  /// close the port.
  mutating func stop(at now: Instant)
  /// The interrupt pin is low: asks the chip why.
  mutating func interrupt(at now: Instant)
  /// Time has passed. Total: it may be called at any time and as often as wanted.
  mutating func poll(at now: Instant)
  /// The next thing for the engine; `nil` when there is nothing.
  mutating func nextEvent() -> PortEvent?
  /// Takes an action of the engine; what is for the supply, the load or the user is none of its business, apart from the
  /// voltage that a sink was promised.
  mutating func perform(_ action: PortAction, at now: Instant)
  /// Carries out what was taken.
  mutating func commit(at now: Instant)
}

/// Why a controller is not at work.
public enum PortControllerFault: Equatable, Sendable {
  /// The bus, or the chip on it, did not do what it was asked to.
  case bus(RegisterBusError)
  /// Another chip answers; this is what it says it is: DEVICE_ID of a FUSB302, VENDOR_ID and PRODUCT_ID of a TCPC.
  case wrongDevice(UInt32)
  /// The chip has lost its registers: its supply broke in, or somebody reset it.
  case chipWasReset
}

/// Where a controller is.
public enum PortControllerCondition: Equatable, Sendable {
  /// Not started, or stopped.
  case stopped
  case starting
  case running
  /// Something is wrong; it starts again by itself.
  case failed(PortControllerFault)
}

/// What a controller has counted since it was made.
public struct PortControllerStatistics: Equatable, Sendable {
  /// Calls of the bus.
  public var roundTrips: UInt32 = 0
  /// Messages that were handed on, GoodCRCs not among them.
  public var messagesReceived: UInt32 = 0
  public var messagesSent: UInt32 = 0
  /// Frames whose CRC did not hold in software.
  public var badFrames: UInt32 = 0
  /// How often the receive FIFO overran or lost its framing and was emptied.
  public var overruns: UInt32 = 0
  public var busErrors: UInt32 = 0
  public var chipResets: UInt32 = 0
  public var interruptStorms: UInt32 = 0

  public init() {}
}
