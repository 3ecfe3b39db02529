public import PowerSupervision
public import Quantities
public import RegisterBus

/// A TI TPS55288 buck-boost converter as the power stage of a source: 0.8 to 21.26 V in steps of 20 mV, up to 6.35 A in
/// steps of 50 mA with a sense resistor of 10 mΩ.
///
/// It does what a `PowerSupervisor` decides, and nothing by itself. The output is off until the supervisor switches it
/// on; it goes off, and stays off, when the chip reports a fault or does not answer. The chip has no ADC: what is on
/// VBUS is measured elsewhere on the board, or estimated.
public struct TPS55288<Bus: RegisterBus>: StageDriver {
  public var bus: Bus
  public let options: TPS55288Options
  public internal(set) var condition = TPS55288Condition.stopped
  /// Calls of the bus.
  public internal(set) var roundTrips: UInt32 = 0

  var reference = TPS55288Reference.resetValue
  var limit = TPS55288CurrentLimit.resetValue
  var mode = TPS55288Mode.resetValue
  /// Whether reference and limit differ from what the chip has.
  var isReferenceNew = false
  var isLimitNew = false
  /// Whether the over-current report is held back, because the output was just switched on.
  var holdsOverCurrent = false
  var estimate: VoltageEstimate

  public init(bus: Bus, options: TPS55288Options = TPS55288Options()) {
    self.bus = bus
    self.options = options
    estimate = VoltageEstimate(options)
  }

  /// The lowest and the highest voltage that the converter can be told.
  public static var voltages: ClosedRange<Millivolts> { Millivolts(800)...Millivolts(21_260) }

  /// Switches the output off and sets the chip up.
  /// - Throws: what the bus says; then the chip is in an unknown state, and is started again before anything else.
  public mutating func start(at now: Instant) throws(RegisterBusError) {
    limit.isEnabled = true
    mode = TPS55288Mode()
    mode.discharges = true
    var slew = TPS55288SlewRate.resetValue
    slew.slew = options.slew
    slew.overCurrentDelay = options.overCurrentDelay
    var batch = RegisterBatch()
    // Off first, whatever it was doing.
    batch.write(mode, of: options.address)
    batch.write(report(overCurrent: false), of: options.address)
    batch.write(TPS55288Feedback.resetValue, of: options.address)
    batch.write(slew, of: options.address)
    batch.write(reference, of: options.address)
    batch.write(limit, of: options.address)
    // What happened before is nobody's business.
    batch.read(from: TPS55288Status.address, of: options.address)
    try run(&batch)
    isReferenceNew = false
    isLimitNew = false
    holdsOverCurrent = true
    estimate.switchOff(at: now)
    condition = .running
  }

  /// Does what the supervisor decided.
  ///
  /// Voltages and limits outside of the chip's range are cut to it; the supervisor's limits keep to it.
  /// A chip that failed is set up anew before its output goes on again.
  /// - Throws: what the bus says. The output must be taken for on until `start` has succeeded.
  public mutating func perform(_ command: StageCommand, at now: Instant) throws(RegisterBusError) {
    switch command {
    case .voltage(let value):
      reference.voltage = min(max(value, TPS55288.voltages.lowerBound), TPS55288.voltages.upperBound)
      isReferenceNew = true
    case .currentLimit(let value):
      limit.current = value
      isLimitNew = true
    case .output(let on):
      guard mode.isOn != on || condition != .running else { return }
      if on, condition != .running { try start(at: now) }
      mode.isOn = on
    case .discharge(let on): mode.discharges = on
    }
    // Voltage and limit alone wait for the output; while it is on they are for now.
    var batch = RegisterBatch()
    addSettings(to: &batch)
    batch.write(mode, of: options.address)
    try run(&batch)
    isReferenceNew = false
    isLimitNew = false
    if case .output = command { estimate.switchOff(at: now) }
    if mode.isOn {
      estimate.head(for: reference.voltage, at: now)
    } else {
      estimate.fall(mode.discharges, at: now)
    }
  }

  /// The over-current report stays off while output or limit are switched; `measure` switches it on afterwards.
  private mutating func addSettings(to batch: inout RegisterBatch) {
    if isLimitNew || !mode.isOn {
      holdsOverCurrent = true
      batch.write(report(overCurrent: false), of: options.address)
    }
    if isReferenceNew { batch.write(reference, of: options.address) }
    if isLimitNew { batch.write(limit, of: options.address) }
  }

  private func report(overCurrent: Bool) -> TPS55288Compensation {
    var value = TPS55288Compensation()
    value.indicatesShortCircuit = true
    value.indicatesOverCurrent = overCurrent
    value.indicatesOverVoltage = true
    return value
  }

  /// Asks the chip for faults and makes a measurement of what is known.
  ///
  /// - Parameters:
  ///   - vbus: what the board measures at the connector; without it the voltage is estimated from the slew rate and, as
  ///     the output falls, from the capacitance in the options.
  ///   - current: what the board measures; without it 0 is told.
  /// - Returns: `nil` where the chip reports a fault: the output is off and `condition` says why. The supervisor is
  ///   told `.stageFailed`.
  public mutating func measure(
    vbus: Millivolts? = nil, current: Milliamperes? = nil, at now: Instant
  ) throws(RegisterBusError) -> StageMeasurement? {
    var batch = RegisterBatch()
    let status = batch.read(from: TPS55288Status.address, of: options.address)
    let present = batch.read(from: TPS55288Mode.address, of: options.address)
    if holdsOverCurrent, mode.isOn { batch.write(report(overCurrent: true), of: options.address) }
    try run(&batch)
    if mode.isOn { holdsOverCurrent = false }
    let found = TPS55288Status(rawValue: batch.byte(of: status))
    if let fault = fault(found, present: TPS55288Mode(rawValue: batch.byte(of: present))) {
      try switchOff(fault, at: now)
      return nil
    }
    return StageMeasurement(
      vbus: vbus ?? estimate.voltage(at: now), current: current ?? .zero,
      isCurrentLimited: mode.isOn && found.overCurrent)
  }

  /// An over-current alone is what a PPS supply does: it holds the current.
  private func fault(_ status: TPS55288Status, present: TPS55288Mode) -> TPS55288Fault? {
    if status.shortCircuit { return .shortCircuit }
    if status.overVoltage { return .overVoltage }
    return present == mode ? nil : .chipWasReset
  }

  private mutating func switchOff(_ fault: TPS55288Fault, at now: Instant) throws(RegisterBusError) {
    condition = .failed(fault)
    mode = TPS55288Mode()
    mode.discharges = true
    var batch = RegisterBatch()
    batch.write(mode, of: options.address)
    try run(&batch)
    estimate.switchOff(at: now)
  }

  private mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    roundTrips &+= 1
    do { try bus.run(&batch) } catch {
      condition = .failed(.bus(error))
      throw error
    }
  }
}
