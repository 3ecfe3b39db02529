public import Quantities
public import RegisterBus
public import USBTransport

/// A bus whose device is looked for again when it is gone, so that a port recovers by itself after an unplug.
///
/// Nothing runs in the background: while the device is gone, `run` tries to open it, at most once every `pause`, and
/// otherwise fails at once with `.deviceGone`. A driver above takes its chip's state for unknown after that, and starts
/// it anew. The bus belongs to one thread.
public struct ReopeningBus<Bus: RegisterBus>: RegisterBus {
  /// The bus; `nil` while its device is gone.
  public private(set) var bus: Bus?
  /// How often it was found again.
  public private(set) var reopenings = 0
  /// Why it could not be opened at the last try; `nil` while it is open.
  public private(set) var lastProblem: BridgeError?

  private let pause: Nanoseconds
  private let now: () -> Instant
  private let open: () throws(BridgeError) -> Bus
  private var nextTry = Instant.zero

  /// - Parameters:
  ///   - bus: as it is open now; `nil` where the first `run` shall open it.
  ///   - pause: the least time between two tries.
  ///   - now: the time; of CLOCK_MONOTONIC unless something else is wanted.
  ///   - open: opens the same device.
  public init(
    _ bus: Bus?, pause: Milliseconds = Milliseconds(200), now: @escaping () -> Instant = MonotonicTime.now,
    open: @escaping () throws(BridgeError) -> Bus
  ) {
    self.bus = bus
    self.pause = Nanoseconds(pause)
    self.now = now
    self.open = open
  }

  public mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    if bus == nil { try reopen() }
    do throws(RegisterBusError) {
      try bus?.run(&batch)
    } catch {
      // Only a device that is let go of can come back.
      if error.cause == .deviceGone { bus = nil }
      throw error
    }
  }

  /// Does something with the bus that is no batch; `nil` while its device is gone, which is not looked for here.
  public mutating func use<Result>(
    _ body: (inout Bus) throws(RegisterBusError) -> Result
  ) throws(RegisterBusError) -> Result? {
    guard var bus else { return nil }
    do throws(RegisterBusError) {
      let result = try body(&bus)
      self.bus = bus
      return result
    } catch {
      self.bus = error.cause == .deviceGone ? nil : bus
      throw error
    }
  }

  private mutating func reopen() throws(RegisterBusError) {
    let moment = now()
    guard moment >= nextTry else { throw RegisterBusError(.deviceGone) }
    nextTry = moment + pause
    do throws(BridgeError) {
      bus = try open()
    } catch {
      lastProblem = error
      throw RegisterBusError(.deviceGone)
    }
    lastProblem = nil
    reopenings += 1
  }
}

extension BridgeSelection {
  /// Opens the bridge, and opens it again whenever it comes back, by its serial number or place.
  public func openForGood(_ context: USBContext) throws(BridgeError) -> ReopeningBus<OpenBridge> {
    let bridge = try open(context)
    let selection = bridge.selection
    return ReopeningBus(bridge) { () throws(BridgeError) in try selection.open(context) }
  }
}
