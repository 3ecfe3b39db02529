import PowerDelivery
import PowerSupervision
import Quantities

// What a source offers, and what it grants of it (USB-PD R3.2 §6.4.1.2, §6.4.2, §6.4.9).

extension PortEngine {
  /// Builds the capabilities as they are sent now: flags of the first object, limits of the cable, the revision.
  mutating func buildOffer() {
    var offer = PowerDataObjectList()
    for position in 1...7 {
      guard let word = sourcePolicy.capabilities.word(at: position) else { break }
      let object = SourcePDO(rawValue: word).limited(to: cable.current)
      // Revision 2.0 knows no augmented objects.
      if revision == .revision2, word >> 30 == 0b11 { continue }
      offer.append(position == 1 ? withPortFlags(object) : object.rawValue)
    }
    if isInEPRMode {
      while offer.count < 7 { offer.append(0) }
      for position in 1...4 {
        guard let word = sourcePolicy.eprCapabilities.word(at: position) else { break }
        offer.append(word)
      }
    }
    offeredCapabilities = offer
  }

  /// The offer as the data of EPR_Source_Capabilities.
  mutating func loadOffer() {
    chunking.sending.removeAll()
    for position in 1...max(1, offeredCapabilities.count) {
      chunking.sending.append(word: offeredCapabilities.word(at: position) ?? 0)
    }
  }

  /// Whether the source can enter EPR mode at all (bit 23 of its first object).
  @inline(__always) var offersEPR: Bool {
    sourcePolicy.eprCapabilities.count > 0 && configuration.revision == .revision3
  }

  private mutating func withPortFlags(_ object: SourcePDO) -> UInt32 {
    guard case .fixed(var first) = object else { return object.rawValue }
    first.dualRolePower = configuration.roles.isDualRole
    first.usbCommunicationsCapable = configuration.usbCommunicationsCapable
    first.dualRoleData = configuration.dataRoleSwap != .unsupported
    first.unchunkedExtendedMessagesSupported = false
    first.eprCapable = offersEPR && revision == .revision3
    return first.rawValue
  }

  /// What is to become of a request.
  enum Verdict {
    case grant(PowerContract)
    case reject
    /// An EPR_Request whose copy is not what was offered: Hard Reset (§6.4.9).
    case invalidCopy
  }

  /// Judges a Request or EPR_Request against the offer.
  mutating func evaluate(_ message: ShortMessage) -> Verdict {
    let word = message.object(0)
    guard message.objectCount >= 1 else { return .reject }
    let offered = offeredCapabilities.word(at: Int(word >> 28))
    if message.kind == .data(.eprRequest) {
      guard message.objectCount >= 2, let offered, message.object(1) == offered else { return .invalidCopy }
    }
    guard let offered,
      var contract = PowerContract(request: word, of: SourcePDO(rawValue: offered), isEPR: isInEPRMode)
    else { return .reject }
    if let budget = sourcePolicy.budget, contract.power > budget {
      // An object with PPS Power Limited promises its voltages and currents, but not both ends at once (§6.4.1.2.4.1).
      guard contract.isPowerLimited else { return .reject }
      contract.limitCurrent(to: budget)
    }
    return .grant(contract)
  }

  /// Whether the present contract is still within what the source offers and may grant.
  mutating func coversContract() -> Bool {
    guard let contract, hasExplicitContract else { return false }
    if let budget = sourcePolicy.budget, contract.power > budget { return false }
    for position in 1...max(1, offeredCapabilities.count) {
      guard let word = offeredCapabilities.word(at: position), word != 0 else { continue }
      if let same = PowerContract(
        request: contract.request, of: SourcePDO(rawValue: word), isEPR: isInEPRMode),
        same.supply == contract.supply, same.voltage == contract.voltage
      {
        return true
      }
    }
    return false
  }
}

extension SourcePDO {
  /// Nothing above what the cable is known to carry: 3 A until it says 5 A (§6.4.1.2, USB Type-C R2.1 §4.6.2.3).
  func limited(to limit: Milliamperes) -> SourcePDO {
    switch self {
    case .fixed(var fixed):
      fixed.maximumCurrent = min(fixed.maximumCurrent, limit)
      return .fixed(fixed)
    case .variable(var variable):
      variable.maximumCurrent = min(variable.maximumCurrent, limit)
      return .variable(variable)
    case .sprPPS(var pps):
      pps.maximumCurrent = min(pps.maximumCurrent, limit)
      return .sprPPS(pps)
    case .sprAVS(var avs):
      avs.maximumCurrent15V = min(avs.maximumCurrent15V, limit)
      avs.maximumCurrent20V = min(avs.maximumCurrent20V, limit)
      return .sprAVS(avs)
    default: return self
    }
  }
}
