public import PowerDelivery
public import PowerSupervision
import Quantities

extension PowerContract {
  /// The contract that a request data object makes with the object that it selects (USB-PD R3.2 §6.4.2); `nil` where
  /// it asks for more than the object offers, or for what the object does not have.
  /// - Parameter isEPR: whether the ports are in EPR mode.
  public init?(request word: UInt32, of object: SourcePDO, isEPR: Bool) {
    switch (PowerRequest(rawValue: word, for: object), object) {
    case (.fixedVariable(let request), .fixed(let offer)):
      guard request.operatingCurrent <= offer.maximumCurrent else { return nil }
      self.init(.fixed, offer.voltage, offer.voltage, request.operatingCurrent, offer.rawValue, word, isEPR)
    case (.fixedVariableGiveBack(let request), .fixed(let offer)):
      guard request.operatingCurrent <= offer.maximumCurrent else { return nil }
      self.init(.fixed, offer.voltage, offer.voltage, request.operatingCurrent, offer.rawValue, word, isEPR)
    case (.fixedVariable(let request), .variable(let offer)):
      self.init(request.operatingCurrent, offer, word, isEPR)
    case (.fixedVariableGiveBack(let request), .variable(let offer)):
      self.init(request.operatingCurrent, offer, word, isEPR)
    case (.battery(let request), .battery(let offer)):
      self.init(request.operatingPower, offer, word, isEPR)
    case (.batteryGiveBack(let request), .battery(let offer)):
      self.init(request.operatingPower, offer, word, isEPR)
    case (.pps(let request), .sprPPS(let offer)):
      guard request.operatingCurrent <= offer.maximumCurrent else { return nil }
      self.init(.sprPPS, request.outputVoltage, request.operatingCurrent, object, word, isEPR)
    case (.avs(let request), .sprAVS(let offer)):
      let limit =
        request.outputVoltage <= Millivolts(15_000) ? offer.maximumCurrent15V : offer.maximumCurrent20V
      guard request.operatingCurrent <= limit else { return nil }
      self.init(.sprAVS, request.outputVoltage, request.operatingCurrent, object, word, isEPR)
    case (.avs(let request), .eprAVS(let offer)):
      guard request.operatingCurrent <= offer.maximumCurrent(at: request.outputVoltage) else { return nil }
      self.init(.eprAVS, request.outputVoltage, request.operatingCurrent, object, word, isEPR)
    default: return nil
    }
  }

  private init(
    _ supply: Supply, _ voltage: Millivolts, _ highest: Millivolts, _ current: Milliamperes,
    _ object: UInt32, _ word: UInt32, _ isEPR: Bool
  ) {
    self.init(
      supply: supply, voltage: voltage, highestVoltage: highest, current: current,
      position: UInt8(truncatingIfNeeded: word >> 28), object: object, request: word, isEPR: isEPR)
  }

  private init?(
    _ current: Milliamperes, _ offer: VariableSupplySourcePDO, _ word: UInt32, _ isEPR: Bool
  ) {
    guard current <= offer.maximumCurrent else { return nil }
    self.init(.variable, offer.minimumVoltage, offer.maximumVoltage, current, offer.rawValue, word, isEPR)
  }

  /// A battery supply grants power; the current is the one at its lowest voltage.
  private init?(_ power: Milliwatts, _ offer: BatterySupplySourcePDO, _ word: UInt32, _ isEPR: Bool) {
    guard power <= offer.maximumPower, offer.minimumVoltage.rawValue > 0 else { return nil }
    let current = Milliamperes(
      Int32(truncatingIfNeeded: Int64(power.rawValue) &* 1_000 / Int64(offer.minimumVoltage.rawValue)))
    self.init(.battery, offer.minimumVoltage, offer.maximumVoltage, current, offer.rawValue, word, isEPR)
  }

  private init?(
    _ supply: Supply, _ voltage: Millivolts, _ current: Milliamperes, _ object: SourcePDO, _ word: UInt32,
    _ isEPR: Bool
  ) {
    guard let range = object.voltages, range.contains(voltage) else { return nil }
    self.init(supply, voltage, voltage, current, object.rawValue, word, isEPR)
  }
}

extension PowerContract {
  /// Whether it is made with a PPS object that says it is limited by power.
  var isPowerLimited: Bool {
    supply == .sprPPS && SPRPPSSourceAPDO(rawValue: object).ppsPowerLimited
  }

  /// Lowers the current limit, in whole steps of 50 mA, until the power is not exceeded.
  mutating func limitCurrent(to power: Milliwatts) {
    guard voltage.rawValue > 0 else { return }
    let milliamperes = Int64(power.rawValue) &* 1_000 / Int64(voltage.rawValue) / 50 &* 50
    current = min(current, Milliamperes(Int32(truncatingIfNeeded: max(0, milliamperes))))
  }
}
