import PowerDelivery
import PowerSupervision
import Quantities

// What a sink asks for of what it is offered (USB-PD R3.2 §6.4.2).

/// A request with the contract that it will make.
struct SinkChoice {
  var request: UInt32
  var contract: PowerContract
}

/// Chooses for a sink: a value of the policy and of what was offered.
struct SinkChooser {
  var policy: SinkPolicy
  var offered: PowerDataObjectList
  var revision: SpecificationRevision
  var isEPR: Bool
  var usbCommunicationsCapable: Bool

  /// The request that the policy makes of the offer. There always is one: vSafe5V at worst.
  func choose() -> SinkChoice {
    switch policy.strategy {
    case .fixed(let maximum): return chooseFixed(maximum)
    case .pps(let voltage, let current): return choosePPS(voltage, current) ?? chooseFixed(voltage)
    case .avs(let voltage, let current): return chooseAVS(voltage, current) ?? chooseFixed(voltage)
    case .object(let position):
      let word = offered.word(at: Int(position)) ?? 0
      let choice = word == 0 ? nil : request(Int(position), SourcePDO(rawValue: word), Millivolts(Int32.max))
      return choice ?? chooseFixed(Millivolts(5_000))
    case .raw(let word):
      let object = offered.source(at: Int(word >> 28)) ?? .empty
      let contract =
        PowerContract(request: word, of: object, isEPR: isEPR)
        ?? PowerContract(
          supply: .fixed, voltage: Millivolts(5_000), current: .zero, position: UInt8(word >> 28),
          object: object.rawValue, request: word, isEPR: isEPR)
      return SinkChoice(request: word, contract: contract)
    }
  }

  /// The object of at most `maximum` that gives most of the wanted power; of equals, the one of lowest voltage.
  private func chooseFixed(_ maximum: Millivolts) -> SinkChoice {
    var best = SinkChoice(request: 0, contract: .typeC(.zero))
    var bestPower = Milliwatts(-1)
    for position in 1...max(1, offered.count) {
      guard let word = offered.word(at: position), word != 0 else { continue }
      guard let choice = request(position, SourcePDO(rawValue: word), maximum) else { continue }
      let power = choice.contract.lowestPower
      if power > bestPower || power == bestPower && choice.contract.voltage < best.contract.voltage {
        best = choice
        bestPower = power
      }
    }
    return best
  }

  /// A request for a fixed, variable or battery object; `nil` for another kind and for too high a voltage.
  private func request(_ position: Int, _ object: SourcePDO, _ maximum: Millivolts) -> SinkChoice? {
    let wanted: UInt32
    switch object {
    case .fixed(let offer):
      guard offer.voltage <= maximum || position == 1 else { return nil }
      wanted = fixedRequest(position, offer.voltage, offer.maximumCurrent)
    case .variable(let offer):
      guard offer.maximumVoltage <= maximum else { return nil }
      wanted = fixedRequest(position, offer.minimumVoltage, offer.maximumCurrent)
    case .battery(let offer):
      guard offer.maximumVoltage <= maximum else { return nil }
      var request = BatteryRDO()
      request.operatingPower = min(offer.maximumPower, policy.operatingPower)
      request.maximumOperatingPower = request.operatingPower
      wanted = withFlags(
        request.rawValue, position, isMismatch: offer.maximumPower < policy.operatingPower)
    default: return nil
    }
    return PowerContract(request: wanted, of: object, isEPR: isEPR).map {
      SinkChoice(request: wanted, contract: $0)
    }
  }

  private func fixedRequest(_ position: Int, _ voltage: Millivolts, _ offered: Milliamperes) -> UInt32 {
    let needed = current(for: policy.operatingPower, at: voltage)
    if policy.givesBack && revision == .revision2 {
      var request = FixedVariableGiveBackRDO()
      request.operatingCurrent = min(needed, offered)
      request.minimumOperatingCurrent = min(current(for: policy.minimumPower, at: voltage), offered)
      return withFlags(request.rawValue, position, isMismatch: needed > offered) | 1 << 27
    }
    var request = FixedVariableRDO()
    request.operatingCurrent = min(needed, offered)
    request.maximumOperatingCurrent = request.operatingCurrent
    return withFlags(request.rawValue, position, isMismatch: needed > offered)
  }

  /// The current, in whole steps of 10 mA, that gives a power at a voltage.
  private func current(for power: Milliwatts, at voltage: Millivolts) -> Milliamperes {
    guard voltage.rawValue > 0 else { return .zero }
    let exact = Int64(power.rawValue) &* 1_000
    let step = Int64(voltage.rawValue) &* 10
    let steps = (exact &+ step &- 1) / step
    return Milliamperes(Int32(truncatingIfNeeded: min(steps &* 10, 10_230)))
  }

  private func choosePPS(_ voltage: Millivolts, _ current: Milliamperes) -> SinkChoice? {
    var best: SinkChoice?
    for position in 1...max(1, offered.count) {
      guard case .sprPPS(let offer)? = offered.source(at: position),
        voltage >= offer.minimumVoltage, voltage <= offer.maximumVoltage
      else { continue }
      let granted = min(current, offer.maximumCurrent)
      guard granted > best?.contract.current ?? Milliamperes(-1) else { continue }
      var request = PPSRDO()
      request.outputVoltage = voltage
      request.operatingCurrent = granted
      let word = withFlags(request.rawValue, position, isMismatch: granted < current)
      if let contract = PowerContract(request: word, of: .sprPPS(offer), isEPR: isEPR) {
        best = SinkChoice(request: word, contract: contract)
      }
    }
    return best
  }

  private func chooseAVS(_ voltage: Millivolts, _ current: Milliamperes) -> SinkChoice? {
    for position in 1...max(1, offered.count) {
      guard let object = offered.source(at: position),
        object.voltages?.contains(voltage) == true
      else { continue }
      let limit: Milliamperes
      switch object {
      case .sprAVS(let offer):
        limit = voltage <= Millivolts(15_000) ? offer.maximumCurrent15V : offer.maximumCurrent20V
      case .eprAVS(let offer): limit = offer.maximumCurrent(at: voltage)
      default: continue
      }
      var request = AVSRDO()
      request.outputVoltage = voltage
      request.operatingCurrent = min(current, limit)
      let word = withFlags(request.rawValue, position, isMismatch: limit < current)
      if let contract = PowerContract(request: word, of: object, isEPR: isEPR) {
        return SinkChoice(request: word, contract: contract)
      }
    }
    return nil
  }

  /// Position and flags that every kind of request has.
  private func withFlags(_ word: UInt32, _ position: Int, isMismatch: Bool) -> UInt32 {
    var request = RequestDataObject(rawValue: word)
    request.objectPosition = UInt8(truncatingIfNeeded: position)
    request.capabilityMismatch = isMismatch
    request.usbCommunicationsCapable = usbCommunicationsCapable
    request.noUSBSuspend = true
    if revision == .revision3 {
      request.unchunkedExtendedMessagesSupported = false
      request.eprCapable = policy.eprCapabilities.count > 0 || policy.entersEPR
    }
    return request.rawValue
  }
}
