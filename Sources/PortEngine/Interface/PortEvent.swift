public import PowerDelivery
public import PowerSupervision

/// Something that happened at the port. The driver hands each to `PortEngine.handle(_:at:)` with its time.
public enum PortEvent: Equatable, Sendable {
  /// Nothing but time: `nextDeadline` has come.
  case timeout
  /// Open the port: terminations are applied and a partner is looked for.
  case enable
  /// Close the port: VBUS and VCONN are taken off, terminations removed.
  case disable
  /// What the comparators see on the two CC pins under the present termination.
  case cc(CCLevels)
  /// VBUS has crossed a threshold.
  case vbus(VBUSLevel)
  /// A packet with a good CRC arrived, its EOP now. With `GoodCRCHandling.silicon` its GoodCRC was sent already and
  /// GoodCRCs themselves are not handed on.
  case received(ShortMessage)
  /// What became of a `.transmit`; each is reported once, in the order of the transmits. A packet that has waited for
  /// the line while another came in is reported (`.discarded`) before that one, or after the GoodCRC for it has left.
  /// After `.sendHardReset` and after `.setOrientation(nil)` nothing is reported of what was asked for before.
  case transmitted(TransmissionResult)
  /// Hard Reset signalling was received.
  case hardResetReceived
  /// Cable Reset signalling was received; a port ignores it.
  case cableResetReceived
  /// The Hard Reset signalling that was asked for has left.
  case hardResetSent
  /// The supply answers, or reports a fault.
  case supply(SupplyReport)
  /// VCONN could not be supplied (over-current, no supply).
  case vconnFault
  /// The user of the engine wants something.
  case request(PortRequest)
  /// The user of the engine answers `PortNotice.decisionNeeded`.
  case decision(PortDecision)
}

/// What became of a packet that was to be sent.
public enum TransmissionResult: UInt8, Equatable, Sendable {
  /// The packet has left, its EOP now. With `GoodCRCHandling.engine` the GoodCRC is still to come.
  case sent
  /// `GoodCRCHandling.silicon`: the GoodCRC arrived.
  case acknowledged
  /// `GoodCRCHandling.silicon`: no GoodCRC came, after the silicon's own retries where it has them.
  case notAcknowledged
  /// The line was busy and the packet was not sent; the line is idle again.
  case discarded
}

/// One of the two CC pins of a receptacle.
public enum CCPin: UInt8, Equatable, Sendable {
  case cc1, cc2

  @inlinable public var other: CCPin { self == .cc1 ? .cc2 : .cc1 }
}

/// What a comparator sees on a CC pin (USB Type-C R2.1 §4.11.3).
public enum CCLevel: UInt8, Equatable, Sendable {
  /// Nothing attached (as a source), or no Rp (as a sink).
  case open
  /// As a source: Ra, a cable that wants VCONN.
  case ra
  /// As a source: Rd, a sink.
  case rd
  /// As a sink: the Rp of a source, by the current that it advertises.
  case rpDefault, rp1500, rp3000

  @inlinable public var isRp: Bool { rawValue >= CCLevel.rpDefault.rawValue }
}

/// Both CC pins.
public struct CCLevels: Equatable, Sendable {
  public var cc1: CCLevel
  public var cc2: CCLevel

  @inlinable public init(_ cc1: CCLevel, _ cc2: CCLevel) {
    self.cc1 = cc1
    self.cc2 = cc2
  }

  @inlinable public subscript(pin: CCPin) -> CCLevel { pin == .cc1 ? cc1 : cc2 }
}

/// Where VBUS is, as far as the connection state machine must know (USB Type-C R2.1 §4.4.2).
public enum VBUSLevel: UInt8, Equatable, Sendable {
  /// At or below 0.8 V.
  case safe0V
  /// Above vSafe0V, below what counts as present (vSinkDisconnect of the contract).
  case absent
  /// Present: at least vSafe5V, or at least what the contract's disconnect threshold says.
  case present
}
