public import PowerStages
public import PowerSupervision
public import Quantities

/// A Riden RD60xx at a serial port of this machine: the machine `RidenStage` with its line. It belongs to one thread.
///
/// Whoever drives a supervisor hands its commands to `perform`, and what `next` gives back to the supervisor. On a
/// `SerialError` the supervisor is told `.stageFailed`; the output stays as it was, for all that is known.
public struct RidenSupply {
  public private(set) var stage: RidenStage
  private let line: SerialLine
  private let now: () -> Instant

  /// - Parameter now: the time by which the machine runs; of CLOCK_MONOTONIC unless something else is wanted.
  public init(
    _ line: SerialLine, options: RidenOptions = RidenOptions(),
    now: @escaping () -> Instant = MonotonicTime.now
  ) {
    self.line = line
    self.now = now
    stage = RidenStage(options)
  }

  /// Switches the output off, sees what supply it is, and begins to measure.
  public mutating func start() { stage.handle(.start, at: now()) }

  /// Does what the supervisor decided; it goes out with the next `next`.
  public mutating func perform(_ command: StageCommand) { stage.handle(.command(command), at: now()) }

  /// Lets the machine run until it has something to say: `.ready`, `.measured` or `.failed`.
  /// - Returns: `nil` where it has not by `deadline`; one that has passed does what is due and does not wait.
  public mutating func next(until deadline: Instant) throws(SerialError) -> RidenAction? {
    while true {
      let moment = now()
      if let due = stage.nextDeadline, due <= moment { stage.handle(.timeout, at: moment) }
      while let action = stage.nextAction() {
        guard case .send(let frame) = action else { return action }
        try send(frame)
      }
      let wait = min(deadline, stage.nextDeadline ?? deadline) - moment
      let bytes = try line.read(256, until: MonotonicTime.now() + max(.zero, wait))
      for byte in bytes { stage.handle(.received(byte), at: now()) }
      if bytes.isEmpty, now() >= deadline { return nil }
    }
  }

  private func send(_ frame: ModbusFrame) throws(SerialError) {
    try line.write(
      (0..<frame.count).map { frame[$0] }, until: MonotonicTime.now() + Nanoseconds(Milliseconds(100)))
  }
}
