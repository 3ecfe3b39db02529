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
      let object = limited(SourcePDO(rawValue: word))
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
    chunking.sending = DataBlock()
    for position in 1...max(1, offeredCapabilities.count) {
      chunking.sending.append(word: offeredCapabilities.word(at: position) ?? 0)
    }
  }

  /// Whether the source can enter EPR mode at all (bit 23 of its first object).
  var offersEPR: Bool {
    sourcePolicy.eprCapabilities.count > 0 && configuration.revision == .revision3
  }

  private func withPortFlags(_ object: SourcePDO) -> UInt32 {
    guard case .fixed(var first) = object else { return object.rawValue }
    first.dualRolePower = configuration.roles.isDualRole
    first.usbCommunicationsCapable = configuration.usbCommunicationsCapable
    first.dualRoleData = configuration.dataRoleSwap != .unsupported
    first.unchunkedExtendedMessagesSupported = false
    first.eprCapable = offersEPR && revision == .revision3
    return first.rawValue
  }

  /// Nothing above what the cable is known to carry: 3 A until it says 5 A (§6.4.1.2, USB Type-C R2.1 §4.6.2.3).
  private func limited(_ object: SourcePDO) -> SourcePDO {
    let limit = cable.current
    switch object {
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
    default: return object
    }
  }

  /// What is to become of a request.
  enum Verdict {
    case grant(PowerContract)
    case reject
    /// An EPR_Request whose copy is not what was offered: Hard Reset (§6.4.9).
    case invalidCopy
  }

  /// Judges a Request or EPR_Request against the offer.
  func evaluate(_ message: ShortMessage) -> Verdict {
    let word = message.object(0)
    let position = Int(word >> 28)
    guard message.objectCount >= 1 else { return .reject }
    let offered = offeredCapabilities.word(at: position)
    if message.kind == .data(.eprRequest) {
      guard message.objectCount >= 2, let offered, message.object(1) == offered else { return .invalidCopy }
    }
    guard let offered, let contract = contract(for: word, of: SourcePDO(rawValue: offered)) else {
      return .reject
    }
    if let budget = sourcePolicy.budget, contract.power > budget { return .reject }
    return .grant(contract)
  }

  /// The contract that a request data object makes with an object; `nil` where it asks for more than is offered.
  func contract(for word: UInt32, of object: SourcePDO) -> PowerContract? {
    let request = PowerRequest(rawValue: word, for: object)
    switch (request, object) {
    case (.fixedVariable(let request), .fixed(let offer)):
      return fixedContract(request.operatingCurrent, offer, word)
    case (.fixedVariableGiveBack(let request), .fixed(let offer)):
      return fixedContract(request.operatingCurrent, offer, word)
    case (.fixedVariable(let request), .variable(let offer)):
      return variableContract(request.operatingCurrent, offer, word)
    case (.fixedVariableGiveBack(let request), .variable(let offer)):
      return variableContract(request.operatingCurrent, offer, word)
    case (.battery(let request), .battery(let offer)):
      return batteryContract(request.operatingPower, offer, word)
    case (.batteryGiveBack(let request), .battery(let offer)):
      return batteryContract(request.operatingPower, offer, word)
    case (.pps(let request), .sprPPS(let offer)):
      guard request.operatingCurrent <= offer.maximumCurrent else { return nil }
      return adjustable(.sprPPS, request.outputVoltage, request.operatingCurrent, object, word)
    case (.avs(let request), .sprAVS(let offer)):
      let limit =
        request.outputVoltage <= Millivolts(15_000) ? offer.maximumCurrent15V : offer.maximumCurrent20V
      guard request.operatingCurrent <= limit else { return nil }
      return adjustable(.sprAVS, request.outputVoltage, request.operatingCurrent, object, word)
    case (.avs(let request), .eprAVS(let offer)):
      guard request.operatingCurrent <= offer.maximumCurrent(at: request.outputVoltage) else { return nil }
      return adjustable(.eprAVS, request.outputVoltage, request.operatingCurrent, object, word)
    default: return nil
    }
  }

  private func fixedContract(_ current: Milliamperes, _ offer: FixedSupplySourcePDO, _ word: UInt32)
    -> PowerContract?
  {
    guard current <= offer.maximumCurrent else { return nil }
    return PowerContract(
      supply: .fixed, voltage: offer.voltage, current: current, position: UInt8(word >> 28),
      object: offer.rawValue, request: word, isEPR: isInEPRMode)
  }

  private func variableContract(_ current: Milliamperes, _ offer: VariableSupplySourcePDO, _ word: UInt32)
    -> PowerContract?
  {
    guard current <= offer.maximumCurrent else { return nil }
    return PowerContract(
      supply: .variable, voltage: offer.minimumVoltage, highestVoltage: offer.maximumVoltage,
      current: current, position: UInt8(word >> 28), object: offer.rawValue, request: word,
      isEPR: isInEPRMode)
  }

  private func batteryContract(_ power: Milliwatts, _ offer: BatterySupplySourcePDO, _ word: UInt32)
    -> PowerContract?
  {
    guard power <= offer.maximumPower, offer.minimumVoltage.rawValue > 0 else { return nil }
    let current = Milliamperes(
      Int32(truncatingIfNeeded: Int64(power.rawValue) &* 1_000 / Int64(offer.minimumVoltage.rawValue)))
    return PowerContract(
      supply: .battery, voltage: offer.minimumVoltage, highestVoltage: offer.maximumVoltage,
      current: current, position: UInt8(word >> 28), object: offer.rawValue, request: word,
      isEPR: isInEPRMode)
  }

  private func adjustable(
    _ supply: PowerContract.Supply, _ voltage: Millivolts, _ current: Milliamperes, _ object: SourcePDO,
    _ word: UInt32
  ) -> PowerContract? {
    guard object.voltages?.contains(voltage) == true else { return nil }
    return PowerContract(
      supply: supply, voltage: voltage, current: current, position: UInt8(word >> 28),
      object: object.rawValue, request: word, isEPR: isInEPRMode)
  }

  /// Whether the present contract is still within what the source offers and may grant.
  var isContractCovered: Bool {
    guard let contract, hasExplicitContract else { return false }
    if let budget = sourcePolicy.budget, contract.power > budget { return false }
    for position in 1...max(1, offeredCapabilities.count) {
      guard let word = offeredCapabilities.word(at: position), word != 0 else { continue }
      if let same = self.contract(for: contract.request, of: SourcePDO(rawValue: word)),
        same.supply == contract.supply, same.voltage == contract.voltage
      {
        return true
      }
    }
    return false
  }
}
