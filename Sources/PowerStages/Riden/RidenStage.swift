import PowerSupervision
public import Quantities

/// An RDTech Riden RD60xx bench supply as the power stage of a source, over its serial port: Modbus RTU, 115200 Bd 8N1.
///
/// It has no clock and does no I/O: hand in what happened, do what `nextAction` says until it says nothing, and come
/// back at `nextDeadline`. It does what a `PowerSupervisor` decides, and nothing by itself but to switch off a supply
/// that failed. One request is under way at a time; one that is not answered is repeated.
///
/// What it means for USB-PD that a register takes some 10 ms to write: a contract takes effect within tSrcSettle
/// (275 ms from Accept, with tSrcTransition), and a PPS step within tPpsSrcTransLarge (275 ms), if the supply itself
/// gets there; how fast its output moves is not documented. Switching off may wait for one answer, `answerTime` at
/// worst. That is too slow to protect anything: over-current and short circuits are the supply's own affair (its
/// constant current, OCP and OVP), and the supervisor learns of them with the next measurement. The supply
/// has no watchdog: when the host dies, the output stays as it is. It cannot discharge VBUS: `.discharge` does nothing,
/// and without a bleeder at the output tSafe0V is missed, which the supervisor reports as a fault.
public struct RidenStage: Equatable, Sendable {
  public let options: RidenOptions
  public private(set) var condition = RidenCondition.stopped
  /// `nil` until the supply was asked.
  public private(set) var model: RidenModel?
  /// What feeds the supply, as measured last; the output stays below it.
  public private(set) var inputVoltage = Millivolts.zero
  /// Requests that were sent, repeated ones as well.
  public private(set) var requests: UInt32 = 0

  private var wanted = Settings()
  private var isOnWanted = false
  /// What the supply has acknowledged; `nil` where that is not known.
  private var supply: Settings?
  private var isSupplyOn: Bool?
  private var exchange: Exchange?
  private var quietUntil = Instant.zero
  private var nextMeasurement = Instant.zero
  private var pending = Pending()

  public init(_ options: RidenOptions = RidenOptions()) { self.options = options }

  private struct Settings: Equatable {
    var voltage = Millivolts.zero
    var limit = Milliamperes.zero
  }

  /// What is under way.
  private struct Exchange: Equatable {
    var request: ModbusRequest
    var receiver: ModbusReceiver
    /// What the supply has once it acknowledges.
    var settings: Settings?
    var tries: UInt8 = 0
    /// `nil` between tries.
    var deadline: Instant?
  }

  /// The newest of each.
  private struct Pending: Equatable {
    var frame: ModbusFrame?
    var model: RidenModel?
    var fault: RidenFault?
    var measurement: StageMeasurement?
  }

  // MARK: Interface

  /// The next thing to do; `nil` when there is nothing.
  public mutating func nextAction() -> RidenAction? {
    if let frame = pending.frame {
      pending.frame = nil
      return .send(frame)
    }
    if let fault = pending.fault {
      pending.fault = nil
      return .failed(fault)
    }
    if let model = pending.model {
      pending.model = nil
      return .ready(model)
    }
    if let measurement = pending.measurement {
      pending.measurement = nil
      return .measured(measurement)
    }
    return nil
  }

  /// When `.timeout` is due; `nil` before the start, and where the supply is of a kind that cannot be used.
  public var nextDeadline: Instant? {
    if let deadline = exchange?.deadline { return deadline }
    guard condition != .stopped else { return nil }
    if exchange != nil || nextRequest != nil { return quietUntil }
    return model == nil ? nil : max(quietUntil, nextMeasurement)
  }

  /// Takes what happened at `now`. Total: any event is taken in any state; events come in the order of time.
  public mutating func handle(_ event: RidenEvent, at now: Instant) {
    switch event {
    case .start: start()
    case .command(let command): take(command)
    case .received(let byte): take(byte, at: now)
    case .timeout: break
    }
    if let deadline = exchange?.deadline, deadline <= now { retry(at: now) }
    send(at: now)
  }

  // MARK: What is wanted

  private mutating func start() {
    condition = .starting
    model = nil
    supply = nil
    isSupplyOn = nil
    isOnWanted = false
    exchange = nil
    pending = Pending()
  }

  private mutating func take(_ command: StageCommand) {
    switch command {
    case .voltage(let value): wanted.voltage = value
    case .currentLimit(let value): wanted.limit = value
    case .discharge: break
    case .output(let on):
      if on, case .failed = condition { start() }
      isOnWanted = on
    }
  }

  // MARK: Requests

  /// What to ask next, the most urgent first; `nil` where only a measurement is left.
  private var nextRequest: ModbusRequest? {
    // Off until it is known to be off, whatever else is wanted.
    if isSupplyOn == nil || (isSupplyOn == true && !mayBeOn) { return .write(RidenRegister.output, 0) }
    if case .failed = condition { return nil }
    guard let model else { return .read(first: RidenRegister.model, count: 1) }
    if supply != wanted { return write(wanted, model) }
    return isSupplyOn == false && mayBeOn ? .write(RidenRegister.output, 1) : nil
  }

  private var mayBeOn: Bool { isOnWanted && (condition == .running || condition == .starting) }

  private func write(_ wanted: Settings, _ model: RidenModel) -> ModbusRequest {
    let voltage = model.code(wanted.voltage)
    let limit = model.code(wanted.limit)
    switch supply {
    case .some(let present) where present.voltage == wanted.voltage:
      return .write(RidenRegister.currentLimit, limit)
    case .some(let present) where present.limit == wanted.limit:
      return .write(RidenRegister.targetVoltage, voltage)
    default: return .writeTwo(first: RidenRegister.targetVoltage, voltage, limit)
    }
  }

  private static var measurement: ModbusRequest {
    .read(
      first: RidenRegister.temperatureSign,
      count: UInt8(RidenRegister.output &- RidenRegister.temperatureSign &+ 1))
  }

  private mutating func send(at now: Instant) {
    guard condition != .stopped, now >= quietUntil, exchange?.deadline == nil else { return }
    if exchange == nil {
      let request: ModbusRequest
      if let next = nextRequest {
        request = next
      } else {
        guard now >= nextMeasurement, model != nil else { return }
        nextMeasurement = now + options.measurementInterval
        request = RidenStage.measurement
      }
      exchange = Exchange(
        request: request, receiver: ModbusReceiver(request, to: options.address), settings: wanted)
    }
    guard var next = exchange else { return }
    next.tries &+= 1
    next.receiver = ModbusReceiver(next.request, to: options.address)
    next.deadline = now + options.answerTime
    exchange = next
    pending.frame = next.request.frame(to: options.address)
    requests &+= 1
  }

  /// The try under way has come to nothing.
  private mutating func retry(at now: Instant) {
    exchange?.deadline = nil
    quietUntil = max(quietUntil, now + options.pause)
    guard let tried = exchange?.request, let tries = exchange?.tries else { return }
    let isLast = tries >= max(1, options.tries)
    guard isLast || isOvertaken(tried) else { return }
    abandon(tried)
    if isLast {
      fail(.noAnswer)
      isSupplyOn = nil
    }
  }

  /// Whether a command to switch off would wait behind this request.
  private func isOvertaken(_ request: ModbusRequest) -> Bool {
    guard !mayBeOn else { return false }
    switch request {
    case .write(RidenRegister.output, let value): return value == 1
    default: return isSupplyOn != false
    }
  }

  /// Gives up what is under way; whether the supply has heard it is not known.
  private mutating func abandon(_ request: ModbusRequest) {
    exchange = nil
    switch request {
    case .write(RidenRegister.output, _): isSupplyOn = nil
    case .write, .writeTwo: supply = nil
    case .read: break
    }
  }

  // MARK: Answers

  private mutating func take(_ byte: UInt8, at now: Instant) {
    guard var waiting = exchange, waiting.deadline != nil else {
      // Late, or nobody's: until it is over nothing is asked.
      quietUntil = max(quietUntil, now + options.resynchronisation)
      return
    }
    let outcome = waiting.receiver.take(byte)
    exchange = waiting
    switch outcome {
    case nil: return
    case .garbled:
      retry(at: now)
      quietUntil = now + options.resynchronisation
    case .refused(let code):
      abandon(waiting.request)
      // Off, where that is what is refused, is asked for again, but not without a pause.
      quietUntil = now + options.answerTime
      fail(.refused(code))
    case .done(let frame):
      exchange = nil
      quietUntil = now + options.pause
      finish(waiting, frame)
    }
  }

  private mutating func finish(_ exchange: Exchange, _ frame: ModbusFrame) {
    switch exchange.request {
    case .write(RidenRegister.output, let value):
      isSupplyOn = value == 1
    case .write, .writeTwo:
      supply = exchange.settings
    case .read(RidenRegister.model, _): recognise(frame.word(3))
    case .read: look(RidenReading(frame))
    }
  }

  private mutating func recognise(_ number: UInt16) {
    guard let found = RidenModel(number: number) else { return fail(.unknownModel(number)) }
    model = found
    condition = .running
    pending.model = found
  }

  private mutating func look(_ reading: RidenReading) {
    guard let model else { return }
    inputVoltage = Millivolts(Int32(reading[RidenRegister.inputVoltage]) &* 10)
    let fault = fault(in: reading, model)
    if fault != nil {
      // What the supply says of itself is newer than what it was told.
      isSupplyOn = reading[RidenRegister.output] == 0 ? false : nil
      supply = nil
    }
    if let fault, condition == .running { return fail(fault) }
    pending.measurement = StageMeasurement(
      vbus: model.voltage(reading[RidenRegister.voltage]),
      current: model.current(reading[RidenRegister.current]), temperature: reading.temperature,
      isCurrentLimited: isSupplyOn == true && reading[RidenRegister.regulation] == 1)
  }

  private func fault(in reading: RidenReading, _ model: RidenModel) -> RidenFault? {
    // When the supply forgets what has tripped is not documented: it counts while the output should be on.
    switch reading[RidenRegister.protection] {
    case _ where isSupplyOn != true: break
    case 0: break
    case 1: return .overVoltage
    case 2: return .overCurrent
    case let other: return .protection(other)
    }
    if reading[RidenRegister.output] != (isSupplyOn == true ? 1 : 0) { return .outputChanged }
    guard let supply, isSupplyOn == true else { return nil }
    let isAsTold =
      reading[RidenRegister.targetVoltage] == model.code(supply.voltage)
      && reading[RidenRegister.currentLimit] == model.code(supply.limit)
    return isAsTold ? nil : .settingsChanged
  }

  private mutating func fail(_ fault: RidenFault) {
    isOnWanted = false
    pending.measurement = nil
    if case .failed = condition { return }
    condition = .failed(fault)
    pending.fault = fault
  }
}

/// The registers from the temperature to the output, as an answer brings them.
private struct RidenReading {
  private let frame: ModbusFrame

  init(_ frame: ModbusFrame) { self.frame = frame }

  /// 0 for a register that was not read.
  subscript(register: UInt16) -> UInt16 {
    register >= RidenRegister.temperatureSign
      ? frame.word(3 &+ 2 &* Int(register &- RidenRegister.temperatureSign)) : 0
  }

  var temperature: DegreesCelsius {
    let value = Int32(self[RidenRegister.temperature])
    return DegreesCelsius(self[RidenRegister.temperatureSign] == 0 ? value : 0 &- value)
  }
}
