import HardwareAccess
public import HardwarePorts
public import PortControllers
public import PortEngine
import PowerDelivery
import PowerStages
public import Quantities
public import Trace

/// Something that happened at a sink.
public enum SinkEvent: Equatable, Sendable {
  case record(TraceRecord)
  case job(SinkJob.Action)
  /// Words about the chips.
  case condition(PortControllerCondition)
}

/// A sink on real chips with a job to do: one turn after the other, as the time comes.
public struct SinkSession<Controller: PortController, Clock: PortClock> {
  public private(set) var job: SinkJob
  public private(set) var port: HardwarePort<Controller, NoStage>
  private let clock: Clock
  private var observer: Observer
  private let seesInterrupts: () -> Bool
  private let hasInterruptLine: Bool
  private var nextLook = Instant.zero

  private var events: [SinkEvent] = []
  private var condition = PortControllerCondition.stopped

  /// - Parameters:
  ///   - hasInterruptLine: whether `interruptIsLow` knows.
  ///   - revision: the highest that the sink speaks.
  public init(
    _ job: SinkJob, controller: Controller, configuration: PortConfiguration, policy: SinkPolicy,
    clock: Clock,
    hasInterruptLine: Bool = false, interruptIsLow: @escaping () -> Bool = { false }
  ) {
    self.job = job
    self.clock = clock
    self.hasInterruptLine = hasInterruptLine
    seesInterrupts = interruptIsLow
    observer = Observer()
    var configuration = configuration
    configuration.goodCRC = .siliconWithRetries
    port = HardwarePort(engine: PortEngine(configuration, sink: policy), controller: controller)
  }

  /// Between two looks at the interrupt line.
  private static var lookInterval: Nanoseconds { Nanoseconds(1_000_000) }

  public mutating func start() {
    port.start(clock, &observer)
    settle()
  }

  /// Opens the pins: the charger takes VBUS off.
  public mutating func stop() {
    port.stop(clock, &observer)
    settle()
  }

  /// Ends the job.
  public mutating func endJob() { job.stop() }

  /// When `turn` is due at the latest.
  public var nextDeadline: Instant {
    var earliest = min(port.nextDeadline, job.deadline)
    if hasInterruptLine, port.controller.takesInterrupts { earliest = min(earliest, nextLook) }
    return earliest
  }

  /// Does all that is due.
  public mutating func turn() {
    var isLow = false
    if hasInterruptLine, port.controller.takesInterrupts, nextLook <= clock.now {
      isLow = seesInterrupts()
      nextLook = clock.now + Self.lookInterval
    }
    port.serve(clock, interruptIsLow: isLow, &observer)
    job.tick(at: clock.now)
    settle()
  }

  /// Hands out what happened since the last call.
  public mutating func drain() -> [SinkEvent] {
    defer { events = [] }
    return events
  }

  private mutating func settle() {
    for notice in observer.takeNotices() {
      if notice.isAccept { job.noteAccept(at: notice.time) }
      if let told = notice.notice {
        job.handle(told, offer: port.engine.partnerSourceCapabilities, at: notice.time)
      }
    }
    for entry in observer.recorder.drain() {
      if case .record(let record) = entry.content { events.append(.record(record)) }
    }
    if port.controller.condition != condition {
      condition = port.controller.condition
      events.append(.condition(condition))
    }
    while let action = job.nextAction() {
      events.append(.job(action))
      if case .choose(let strategy, let power) = action {
        port.engine.sinkPolicy.strategy = strategy
        port.engine.sinkPolicy.operatingPower = power
        port.request(.choosePower, clock, &observer)
      }
    }
  }

  /// Keeps what the job wants to know, and the conversation.
  private struct Observer: PortObserver {
    struct Noted {
      var time: Instant
      var notice: PortNotice?
      var isAccept = false
    }
    var recorder = PortRecorder(line: "")
    private var noted: [Noted] = []

    mutating func takeNotices() -> [Noted] {
      defer { noted = [] }
      return noted
    }

    mutating func observe(_ event: PortEvent, at now: Instant) {
      recorder.observe(event, at: now)
      if case .received(let message) = event, message.kind == .control(.accept), message.orderedSet == .sop {
        noted.append(Noted(time: now, isAccept: true))
      }
    }

    mutating func observe(_ action: PortAction, at now: Instant) {
      recorder.observe(action, at: now)
      if case .notify(let notice) = action { noted.append(Noted(time: now, notice: notice)) }
    }
  }
}
