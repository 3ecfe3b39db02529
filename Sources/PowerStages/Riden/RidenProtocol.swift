public import PowerSupervision
public import Quantities

/// How a Riden RD60xx is driven.
public struct RidenOptions: Equatable, Sendable {
  /// Of the slave, 1 to 247; 1 as it leaves the factory.
  public var address: UInt8 = 1
  /// How long an answer may take.
  public var answerTime = Nanoseconds(Milliseconds(30))
  /// How often a request is made before the supply is given up: three times, which with `answerTime` stays below the
  /// supervisor's time-out for measurements.
  public var tries: UInt8 = 3
  /// The silence in front of a request: 1.75 ms by Modbus over Serial Line V1.02 §2.5.1.1.
  public var pause = Nanoseconds(1_750_000)
  /// The silence that ends something that was not understood; what comes from a serial port behind USB comes in pieces.
  public var resynchronisation = Nanoseconds(Milliseconds(5))
  /// From one measurement to the next, at the least.
  public var measurementInterval = Nanoseconds(Milliseconds(10))

  public init() {}
}

/// What a `RidenStage` is told.
public enum RidenEvent: Equatable, Sendable {
  /// Switch the output off, see what supply it is, and begin to measure.
  case start
  /// The supervisor has decided something.
  case command(StageCommand)
  /// A byte came from the serial port.
  case received(UInt8)
  /// Nothing but time: `nextDeadline` has come.
  case timeout
}

/// What is to be done.
public enum RidenAction: Equatable, Sendable {
  /// Write these bytes to the serial port.
  case send(ModbusFrame)
  /// The supply works; the output is off.
  case ready(RidenModel)
  /// For the supervisor.
  case measured(StageMeasurement)
  /// The supply has failed, and is switched off where it answers. For the supervisor: `.stageFailed`.
  case failed(RidenFault)
}

/// Why the supply was given up.
public enum RidenFault: Equatable, Sendable {
  /// Its protection has tripped.
  case overVoltage, overCurrent
  /// Something else that register 16 names.
  case protection(UInt16)
  /// Somebody pressed the key, or the supply started anew: its output is not what it was told.
  case outputChanged
  /// Somebody turned the knob, or the supply started anew: its voltage or limit is not what it was told.
  case settingsChanged
  /// Register 0 names a model whose steps are not known; nothing was written but that the output is off.
  case unknownModel(UInt16)
  /// It refuses a request with this code (Modbus Application Protocol V1.1b3 §7).
  case refused(UInt8)
  /// No answer, or none that could be understood, to all tries. Whether the output is off is not known; off is asked
  /// for until it is answered.
  case noAnswer
}

/// Where the stage is.
public enum RidenCondition: Equatable, Sendable {
  case stopped, starting, running
  /// The output stays off. `.start`, or the command to switch it on, makes it work again.
  case failed(RidenFault)
}
