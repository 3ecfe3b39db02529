public import PowerDelivery
import Quantities

/// What a cable says of itself through its e-marker, in plain words: the answer to "what is my cable, why is it slow".
///
/// It reports what the chip claims, not what the cable is; remarks about what looks unusual are hedged, because sound
/// cables often carry careless data.
public struct CableReport: Equatable, Sendable {
  /// One line: kind, current, speed, highest power.
  public var headline: String
  /// Further facts, one a line.
  public var facts: [String] = []
  public var remarks: [Remark] = []

  /// Something that is worth a second look.
  public struct Remark: Equatable, Sendable {
    /// Stable name of the remark.
    public var code: String
    public var text: String
  }

  /// Reads the answer to Discover Identity on SOP′; `nil` where it is not an answer of a cable.
  public init?(_ identity: VendorDefinedBody) {
    guard case .structured(let header) = identity.header, header.command == .discoverIdentity,
      header.commandType == .acknowledge, let first = identity.object(0)
    else { return nil }
    let id = CableIDHeaderVDO(rawValue: first)
    headline = id.cableProductType.name.map { "\($0)" } ?? "product type \(id.cableProductType.rawValue)"
    describe(maker: id, identity)
    switch identity.vendorObject(3) {
    case .passiveCable(let cable): describe(Claims(cable))
    case .activeCable1(let cable): describe(Claims(cable))
    case .legacyCable(let cable): describe(Claims(cable))
    case .vpd(let device):
      headline += device.chargeThroughSupported ? ", passes a charger through" : ""
    default:
      remark("cable-no-cable-vdo", "It gives no word about current or speed; treat it as 3 A.")
    }
    if case .activeCable2(let second)? = identity.vendorObject(4) { describe(second) }
  }

  /// What the two generations of cable words have in common.
  private struct Claims {
    var current: CableCurrent
    var speed: String
    var maximumVBUS = CableMaximumVBUS.volts20
    var isEPR = false
    var latency: String?
    var isPassive = false
    var needsVCONN = false
    var carriesVBUS = true

    init(_ cable: PassiveCableVDO) {
      current = cable.currentCapability
      speed = Claims.speed(cable.highestSpeed)
      maximumVBUS = cable.maximumVBUS
      isEPR = cable.eprCapable
      latency = cable.latency.name.map { "\($0)" }
      isPassive = true
      needsVCONN = cable.termination.rawValue != 0
    }

    init(_ cable: ActiveCableVDO1) {
      current = cable.currentCapability
      speed = Claims.speed(cable.highestSpeed)
      maximumVBUS = cable.maximumVBUS
      isEPR = cable.eprCapable
      latency = cable.latency.name.map { "\($0)" }
      carriesVBUS = cable.vbusThroughCable
    }

    init(_ cable: LegacyCableVDO) {
      current = cable.currentCapability
      speed = cable.highestSpeed.name.map { "\($0)" } ?? "speed code \(cable.highestSpeed.rawValue)"
      latency = cable.latency.name.map { "\($0)" }
    }

    /// The words of the standard with the bit rates that people know.
    private static func speed(_ speed: CableSpeed) -> String {
      switch speed {
      case .usb2Only: "USB 2.0 (480 Mb/s)"
      case .gen1: "USB 3.2 Gen1 (5 Gb/s)"
      case .gen2: "USB Gen2 (10 Gb/s, 20 Gb/s with two lanes)"
      case .gen3: "USB4 Gen3 (20 or 40 Gb/s)"
      case .gen4: "USB4 Gen4 (80 Gb/s)"
      default: "speed code \(speed.rawValue), which is reserved"
      }
    }
  }

  private mutating func describe(_ claims: Claims) {
    let current = claims.current.name.map { "\($0)" } ?? "current code \(claims.current.rawValue)"
    headline += ", \(current), \(claims.speed)"
    guard claims.carriesVBUS else {
      headline += ", no power wire from end to end"
      return
    }
    let reaches50V = claims.maximumVBUS == .volts50
    switch (claims.current, claims.isEPR && reaches50V) {
    case (.amperes5, true): headline += ", up to 240 W (48 V at 5 A, EPR)"
    case (.amperes5, false): headline += ", up to 100 W (20 V at 5 A)"
    default: headline += ", up to 60 W (20 V at 3 A)"
    }
    if let latency = claims.latency { facts.append("signal delay \(latency)") }
    if claims.current == .amperes3 {
      remark("cable-3a", "It limits charging to 3 A, so a charger offers at most 60 W through it.")
    } else if claims.current != .amperes5 {
      remark("cable-current-code", "Its current code is reserved; a charger treats it as 3 A.")
    }
    if claims.isEPR && !reaches50V {
      remark(
        "cable-epr-20v",
        "It says EPR but allows 20 V only; a charger may refuse EPR with it, so expect 100 W at most.")
    }
    if claims.isEPR && claims.current != .amperes5 {
      remark("cable-epr-3a", "It says EPR but not 5 A, which EPR needs; a charger may refuse EPR with it.")
    }
    if !claims.isEPR && reaches50V {
      remark("cable-50v-no-epr", "It allows 50 V but does not say EPR; a charger stays at 20 V.")
    }
    if claims.isPassive && claims.needsVCONN {
      remark(
        "cable-passive-vconn",
        "It calls itself passive but needs VCONN; some active cables answer so, and some makers fill the field "
          + "carelessly.")
    }
  }

  private mutating func describe(_ second: ActiveCableVDO2) {
    var parts = [second.opticalConnection ? "optical" : "copper"]
    parts.append(second.activeRetimer ? "re-timer" : "re-driver")
    parts.append("up to \(second.maximumOperatingTemperature.rawValue) °C")
    facts.append(parts.joined(separator: ", "))
  }

  private mutating func describe(maker id: CableIDHeaderVDO, _ identity: VendorDefinedBody) {
    var product = ""
    if case .product(let object)? = identity.vendorObject(2) {
      product = ", product \(hexadecimal(object.productID, digits: 4))"
    }
    facts.append("vendor \(hexadecimal(id.vendorID, digits: 4))\(product)")
    if case .certStat(let object)? = identity.vendorObject(1) {
      facts.append(
        object.xid == 0 ? "no certification number" : "certification number \(object.xid) (XID)")
    }
    if id.vendorID == 0 {
      remark("cable-vid-0", "It names no maker (0000); that is common, also among sound cables.")
    } else if id.vendorID == 0xFFFF {
      remark("cable-vid-ffff", "Its maker has no number from USB-IF (FFFF).")
    }
  }

  private mutating func remark(_ code: String, _ text: String) {
    remarks.append(Remark(code: code, text: text))
  }
}
