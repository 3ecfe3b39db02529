public import PowerDelivery
public import Quantities

/// What kind of port it is. A value that does not change while the port is enabled.
public struct PortConfiguration: Equatable, Sendable {
  /// Which power roles the port can take (USB Type-C R2.1 §4.5.1.4).
  public enum Roles: UInt8, Equatable, Sendable {
    case sourceOnly, sinkOnly
    /// Dual-role without preference, with Try.SRC, with Try.SNK.
    case dualRole, dualRoleTrySource, dualRoleTrySink

    @inlinable public var isDualRole: Bool { rawValue >= Roles.dualRole.rawValue }
    @inlinable public var canBeSource: Bool { self != .sinkOnly }
    @inlinable public var canBeSink: Bool { self != .sourceOnly }
  }

  /// Who sends and awaits GoodCRCs.
  public enum GoodCRCHandling: UInt8, Equatable, Sendable {
    /// The engine: packets come as they are, and each one is acknowledged by a `.transmit` of the engine.
    case engine
    /// The port controller acknowledges and awaits; the engine repeats.
    case silicon
    /// The port controller acknowledges, awaits and repeats.
    case siliconWithRetries
  }

  public var roles: Roles
  public var goodCRC: GoodCRCHandling
  /// The current that Rp advertises before a Revision 3 contract.
  public var rp: RpCurrent
  /// The highest revision that the port speaks.
  public var revision: SpecificationRevision
  /// Whether the port has a plug or a cable fixed to it: then it supplies no VCONN and asks no cable.
  public var hasCaptiveCable: Bool
  /// The most that the fixed cable carries; without meaning for a receptacle.
  public var captiveCableCurrent: Milliamperes
  /// Whether the fixed cable is built for EPR (50 V, 5 A).
  public var captiveCableIsEPR: Bool
  /// Whether the port can supply VCONN.
  public var canSupplyVCONN: Bool
  /// Whether the port can carry USB data, as host and as device.
  public var usbCommunicationsCapable: Bool
  /// Whether DR_Swap is supported.
  public var dataRoleSwap: SwapPolicy
  /// Whether PR_Swap is supported; without meaning for a port of one role.
  public var powerRoleSwap: SwapPolicy
  /// What to answer to VCONN_Swap.
  public var vconnSwap: SwapPolicy
  /// Whether the engine asks the cable on SOP′ what it is (needs VCONN).
  public var discoversCable: Bool
  /// How many times the capabilities are sent to a partner that does not acknowledge (nCapsCount); `nil` goes on forever.
  public var capsCountLimit: Int?
  /// The vendors whose messages are handed to the user instead of being answered with Not_Supported.
  public var vendorProtocols: VendorProtocols
  /// What the port says of itself.
  public var information: PortInformation
  /// Windows of the standard that have two readings; see spec/text/usb-pd/open-questions.md.
  public var timing: TimingChoices

  public init(roles: Roles) {
    self.roles = roles
    goodCRC = .engine
    rp = .current3000
    revision = .revision3
    hasCaptiveCable = false
    captiveCableCurrent = Milliamperes(3_000)
    captiveCableIsEPR = false
    canSupplyVCONN = roles.canBeSource
    usbCommunicationsCapable = false
    dataRoleSwap = .unsupported
    powerRoleSwap = .unsupported
    vconnSwap = .accept
    discoversCable = roles.canBeSource
    capsCountLimit = 50
    vendorProtocols = VendorProtocols()
    information = PortInformation()
    timing = TimingChoices()
  }

  /// Fixes a cable to the port: its end is a plug, so there is no VCONN to supply and no marker to ask.
  public mutating func fitCaptiveCable(_ current: Milliamperes, isEPR: Bool) {
    hasCaptiveCable = true
    captiveCableCurrent = current
    captiveCableIsEPR = isEPR
    canSupplyVCONN = false
    discoversCable = false
  }
}

/// What to answer when the partner wants to swap a role.
public enum SwapPolicy: UInt8, Equatable, Sendable {
  /// Not_Supported (Reject in a Revision 2.0 contract).
  case unsupported
  case reject
  case wait
  case accept
  /// The user decides (`PortNotice.decisionNeeded`).
  case ask
}

/// Times that an implementation chooses within the standard's window.
public struct TimingChoices: Equatable, Sendable {
  /// tSenderResponse. 28.75 ms lies in the windows of Revision 2.0 (24 to 30 ms) and 3.x (27 to 33 ms) at once.
  public var senderResponse: Nanoseconds
  /// How long to wait after Accept before VBUS changes (tSrcTransition, 25 to 35 ms).
  public var srcTransition: Nanoseconds
  /// How long VBUS stays at vSafe0V in a Hard Reset (tSrcRecover, 0.66 to 1.0 s; EPR 1.085 to 1.425 s).
  public var srcRecoverSPR: Nanoseconds
  public var srcRecoverEPR: Nanoseconds
  /// How long a dual-role port shows Rp, and Rd, in turn: half of tDRP (50 to 100 ms). Two ports whose clocks run in
  /// step find each other only with different values.
  public var drpToggle: Nanoseconds
  /// How often a PPS sink repeats its request (tPPSRequest, at most 10 s).
  public var ppsRequest: Nanoseconds
  /// What a sink that hears no capabilities does: Hard Reset (true), or stay on what Rp advertises. Optional in the
  /// standard at first attach.
  public var hardResetWithoutCapabilities: Bool

  public init() {
    senderResponse = Nanoseconds(28_750_000)
    srcTransition = Nanoseconds(28_000_000)
    srcRecoverSPR = Nanoseconds(830_000_000)
    srcRecoverEPR = Nanoseconds(1_255_000_000)
    drpToggle = Nanoseconds(37_500_000)
    ppsRequest = Nanoseconds(8_000_000_000)
    hardResetWithoutCapabilities = true
  }
}

/// The SVIDs and vendor ids, at most four, whose Vendor_Defined messages the user of the engine answers.
public struct VendorProtocols: Equatable, Sendable {
  private var identifiers: (UInt16, UInt16, UInt16, UInt16) = (0, 0, 0, 0)

  public init() {}

  /// Adds an SVID; `false` when there are four.
  @discardableResult public mutating func insert(_ svid: UInt16) -> Bool {
    if identifiers.0 == 0 {
      identifiers.0 = svid
    } else if identifiers.1 == 0 {
      identifiers.1 = svid
    } else if identifiers.2 == 0 {
      identifiers.2 = svid
    } else if identifiers.3 == 0 {
      identifiers.3 = svid
    } else {
      return false
    }
    return true
  }

  public func contains(_ svid: UInt16) -> Bool {
    svid != 0
      && (identifiers.0 == svid || identifiers.1 == svid || identifiers.2 == svid || identifiers.3 == svid)
  }

  public static func == (left: Self, right: Self) -> Bool { left.identifiers == right.identifiers }
}
