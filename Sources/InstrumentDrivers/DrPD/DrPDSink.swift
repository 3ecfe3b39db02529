public import Instruments
public import Quantities
import Trace
public import USBTransport

/// A Dr. PD as a sink: what the source offers, requests and their outcome.
///
/// It belongs to one thread. Nothing that is stored to flash is written while a contract is in force: the device parks
/// its decoder meanwhile, and acknowledges nothing.
public final class DrPDSink {
  private var link: DrPDLink
  /// The role that it had.
  private var formerRole: DrPDRole.Role?
  /// Newer firmware tells the outcome of a request.
  private var tellsOutcome = true

  /// From one look at the state to the next.
  private static let interval = Nanoseconds(Milliseconds(20))
  /// Attach debounce, the wait for capabilities and the first transition, three times over.
  private static let startTime = Nanoseconds(Milliseconds(5000))
  private static let requestTime = Nanoseconds(Milliseconds(1000))
  private static let eprRequestTime = Nanoseconds(Milliseconds(1500))
  /// Contracts above this are EPR's.
  private static let highestSPR = Millivolts(21_000)

  /// Takes the framed interface of the device.
  /// - Throws: as `DrPD.init`.
  public init(_ device: USBDevice, answerTime: Milliseconds = Milliseconds(1000)) throws(InstrumentError) {
    link = try DrPDLink(device, answerTime: answerTime)
  }

  /// Becomes a sink and waits for the first contract.
  /// - Parameter highest: the highest potential that will be asked for. The over-voltage threshold is raised to a tenth
  ///   above it where it is lower, before the role is taken.
  /// - Returns: what the source offers; empty where none answered within five seconds or `pace` ended it.
  public func begin(
    upTo highest: Millivolts, pace: some InstrumentPace
  ) throws(InstrumentError) -> [DrPDSourceObject] {
    try told { () throws(DrPDFault) in
      var pulseRate = DrPDReading.usualPulseRate
      try link.open(&pulseRate)
      let role = try link.ask("BUS:CC:ROLE?", DrPDRole.init(_:)).role
      formerRole = formerRole ?? role
      try raiseThreshold(to: Millivolts(highest.rawValue / 10 * 11), isSink: role == .sink)
      if role != .sink { try link.command("BUS:CC:ROLE SINK") }
      let end = pace.now() + Self.startTime
      while try !link.ask("SINK:STATUS?", DrPDSinkState.init(rawValue:)).isReady {
        guard pace.now() < end, pace.wait(until: pace.now() + Self.interval) else { return [] }
      }
      return try readOffers()
    }
  }

  /// What the source offers now; where EPR capabilities have been read, those, empty places included.
  public func offers() throws(InstrumentError) -> [DrPDSourceObject] {
    try told { () throws(DrPDFault) in try readOffers() }
  }

  /// Asks for a contract and waits for the outcome: 1 s, 1.5 s above 21 V.
  /// - Parameters:
  ///   - index: the place in `offers`, counted from 0.
  ///   - current: zero for the highest that the object allows.
  public func request(
    _ index: Int, _ voltage: Millivolts, _ current: Milliamperes, pace: some InstrumentPace
  ) throws(InstrumentError) -> DrPDRequestOutcome {
    try told { () throws(DrPDFault) in
      let before = try readContract()
      try link.command("SINK:PDO \(index) \(voltage.rawValue) \(current.rawValue)")
      let isEPR = voltage > Self.highestSPR || (before?.voltage ?? .zero) > Self.highestSPR
      let end = pace.now() + (isEPR ? Self.eprRequestTime : Self.requestTime)
      var hasLeft = before == nil
      repeat {
        if let outcome = try look(for: voltage, before, &hasLeft) { return outcome }
        guard pace.wait(until: pace.now() + Self.interval) else { return .interrupted }
      } while pace.now() < end
      // Asked for what was in force, and too quick to be seen.
      guard let contract = try readContract(), contract == before, contract.isFor(voltage),
        try link.ask("SINK:STATUS?", DrPDSinkState.init(rawValue:)).isReady
      else { return .timedOut }
      return .accepted(contract)
    }
  }

  /// The contract in force; `nil` for none.
  public func contract() throws(InstrumentError) -> DrPDContract? {
    try told { () throws(DrPDFault) in try readContract() }
  }

  public func state() throws(InstrumentError) -> DrPDSinkState {
    try told { () throws(DrPDFault) in try link.ask("SINK:STATUS?", DrPDSinkState.init(rawValue:)) }
  }

  public func measure() throws(InstrumentError) -> DrPDMeasurement {
    try told { () throws(DrPDFault) in try link.ask("MEAS:ALL?", DrPDMeasurement.init(_:)) }
  }

  /// Ends the contract: the device takes the role that it had, an observer's where it had none.
  public func end() throws(InstrumentError) {
    try told { () throws(DrPDFault) in
      guard let formerRole, formerRole != .sink else { return }
      let role = formerRole == .disabled || formerRole == .cableTest ? DrPDRole.Role.observer : formerRole
      try link.command("BUS:CC:ROLE \(role.rawValue)")
    }
  }

  // MARK: Questions

  private func told<Value>(_ body: () throws(DrPDFault) -> Value) throws(InstrumentError) -> Value {
    do throws(DrPDFault) {
      return try body()
    } catch {
      throw error.error(of: link.device)
    }
  }

  /// The threshold is in volts, whatever the manual of the device says; so it is read back.
  private func raiseThreshold(to needed: Millivolts, isSink: Bool) throws(DrPDFault) {
    guard try link.ask("BUS:VBUS:OVPT?", DrPDNumber.volts) < needed else { return }
    if isSink, try link.ask("SINK:STATUS?", DrPDSinkState.init(rawValue:)) != .disconnected {
      throw .unfit(
        "its over-voltage threshold is too low for \(needed.rawValue / 11 * 10) mV and cannot be changed during a"
          + " contract; unplug the source first")
    }
    // Rounded up to a tenth of a volt.
    let tenths = (needed.rawValue + 99) / 100
    try link.command("BUS:VBUS:OVPT \(tenths / 10).\(tenths % 10)")
    guard try link.ask("BUS:VBUS:OVPT?", DrPDNumber.volts) >= needed else {
      throw .unfit("it does not take an over-voltage threshold of \(needed.rawValue) mV")
    }
  }

  private func readOffers() throws(DrPDFault) -> [DrPDSourceObject] {
    let count = min(try link.ask("SINK:PDO:COUNT?", DrPDNumber.count), 13)
    var objects: [DrPDSourceObject] = []
    for index in 0..<count {
      let object = try link.ask("SINK:PDO? \(index)", DrPDSourceObject.init(_:))
      objects.append(object ?? .other("NONE"))
    }
    return objects
  }

  private func readContract() throws(DrPDFault) -> DrPDContract? {
    guard let object = try link.ask("SINK:STATUS:PDO?", DrPDSourceObject.init(_:)) else { return nil }
    return DrPDContract(
      object: object, voltage: try link.ask("SINK:STATUS:VOLTAGE?", DrPDNumber.millivolts),
      current: try link.ask("SINK:STATUS:CURRENT?", DrPDNumber.milliamperes))
  }

  /// The outcome of a request, where it is known.
  private func look(
    for voltage: Millivolts, _ before: DrPDContract?, _ hasLeft: inout Bool
  ) throws(DrPDFault) -> DrPDRequestOutcome? {
    let vbus = try link.ask("BUS:VBUS:STAT?", DrPDVBUSState.init(_:)).state
    if vbus == "OVP" || vbus == "OCP" { return .tripped(vbus) }
    let state = try link.ask("SINK:STATUS?", DrPDSinkState.init(rawValue:))
    if state == .error { return .failed(state) }
    guard state.isReady else {
      hasLeft = true
      return nil
    }
    switch try outcome() {
    case "PENDING"?: return nil
    case "REJECTED"?: return .rejected
    case "WAIT"?: return .wait
    case "NOT_SUPPORTED"?: return .notSupported
    case "TIMEOUT"?: return .timedOut
    default: break
    }
    let contract = try readContract()
    guard hasLeft || contract != before else { return nil }
    guard let contract, contract.isFor(voltage) else {
      return contract == before ? .notGranted : .otherContract(contract)
    }
    return .accepted(contract)
  }

  /// The outcome as newer firmware tells it.
  private func outcome() throws(DrPDFault) -> String? {
    guard tellsOutcome else { return nil }
    do throws(DrPDFault) {
      return try link.ask("SINK:REQUEST:STATUS?", DrPDRequestStatus.init(_:)).outcome
    } catch {
      guard error.isUnknownCommand else { throw error }
      tellsOutcome = false
      return nil
    }
  }
}

/// A contract as a Dr. PD reports it.
public struct DrPDContract: Equatable, Sendable {
  public var object: DrPDSourceObject
  public var voltage: Millivolts
  public var current: Milliamperes

  public init(object: DrPDSourceObject, voltage: Millivolts, current: Milliamperes) {
    self.object = object
    self.voltage = voltage
    self.current = current
  }

  /// Whether it is for this potential, but for a step of a programmable supply.
  func isFor(_ wanted: Millivolts) -> Bool { abs(voltage.rawValue - wanted.rawValue) < 20 }
}

/// What became of a request.
public enum DrPDRequestOutcome: Equatable, Sendable {
  case accepted(DrPDContract)
  /// The firmware says so; older firmware cannot tell a refusal: `notGranted`.
  case rejected
  case wait
  case notSupported
  /// The contract from before is still in force.
  case notGranted
  /// A contract came that was not asked for.
  case otherContract(DrPDContract?)
  case timedOut
  /// The sink is in its error state.
  case failed(DrPDSinkState)
  /// The device has switched VBUS off: `OVP` or `OCP`.
  case tripped(String)
  /// The pace ended the wait.
  case interrupted
}
