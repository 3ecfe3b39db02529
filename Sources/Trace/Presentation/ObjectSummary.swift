public import PowerDelivery
import Quantities

// Power data objects and requests in a few words, for one-line summaries.

extension SourcePDO {
  /// `5.00 V 3.00 A`, `PPS 3.30-11.00 V 5.00 A`, `AVS 15.0-48.0 V 240 W`, `empty`.
  public var summary: String {
    switch self {
    case .fixed(let object): "\(object.voltage.text) \(object.maximumCurrent.text)"
    case .variable(let object): "Variable \(range) \(object.maximumCurrent.text)"
    case .battery(let object): "Battery \(range) \(object.maximumPower.text)"
    case .sprPPS(let object): "PPS \(range) \(object.maximumCurrent.text)"
    case .sprAVS(let object):
      object.maximumCurrent20V == .zero
        ? "SPR AVS 9-15 V \(object.maximumCurrent15V.text)"
        : "SPR AVS 9-15 V \(object.maximumCurrent15V.text), 15-20 V \(object.maximumCurrent20V.text)"
    case .eprAVS(let object): "EPR AVS \(range) \(object.pdp.text)"
    case .reserved(let raw): "reserved 0x\(hexadecimal(raw, digits: 8))"
    case .empty: "empty"
    }
  }

  /// The name of the kind as the standard uses it: `Fixed`, `PPS`.
  public var kindName: String {
    switch self {
    case .fixed: "Fixed"
    case .variable: "Variable"
    case .battery: "Battery"
    case .sprPPS: "PPS"
    case .sprAVS: "SPR AVS"
    case .eprAVS: "EPR AVS"
    case .reserved: "reserved"
    case .empty: "empty"
    }
  }

  private var range: String {
    guard let voltages else { return "" }
    return "\(decimal(Int64(voltages.minimum.rawValue), places: 3, keep: 2))-\(voltages.maximum.text)"
  }
}

extension SinkPDO {
  /// As `SourcePDO.summary`, for what a sink can take.
  public var summary: String {
    switch self {
    case .fixed(let object): "\(object.voltage.text) \(object.operationalCurrent.text)"
    case .variable(let object): "Variable \(range) \(object.operationalCurrent.text)"
    case .battery(let object): "Battery \(range) \(object.operationalPower.text)"
    case .sprPPS(let object): "PPS \(range) \(object.maximumCurrent.text)"
    case .sprAVS(let object):
      "SPR AVS 9-15 V \(object.maximumCurrent15V.text), 15-20 V \(object.maximumCurrent20V.text)"
    case .eprAVS(let object): "EPR AVS \(range) \(object.pdp.text)"
    case .reserved(let raw): "reserved 0x\(hexadecimal(raw, digits: 8))"
    case .empty: "empty"
    }
  }

  private var range: String {
    guard let voltages = SourcePDO(rawValue: rawValue).voltages else { return "" }
    return "\(decimal(Int64(voltages.minimum.rawValue), places: 3, keep: 2))-\(voltages.maximum.text)"
  }
}

extension PowerDataObjectList {
  /// The objects of a source with their positions: `1: 5.00 V 3.00 A, 2: 9.00 V 3.00 A`; empty positions are left out.
  func sourceSummary() -> String {
    joined { source(at: $0).flatMap { $0 == .empty ? nil : $0.summary } }
  }

  /// The objects of a sink with their positions.
  func sinkSummary() -> String {
    joined { sink(at: $0).flatMap { $0 == .empty ? nil : $0.summary } }
  }

  private func joined(_ summary: (Int) -> String?) -> String {
    guard count > 0 else { return "no objects" }
    return (1...count).compactMap { position in summary(position).map { "\(position): \($0)" } }
      .joined(separator: ", ")
  }
}

extension RequestBody {
  /// What is asked for: `PPS 9.00 V 2.55 A (object 6)`, `20.00 V 3.25 A (object 5)`.
  public var summary: String {
    let place = "(object \(request.common.objectPosition))"
    let mismatch = request.common.capabilityMismatch ? ", capability mismatch" : ""
    return "\(demand) \(place)\(mismatch)"
  }

  /// Voltage and current or power, without the position.
  var demand: String {
    switch request {
    case .fixedVariable(let object): "\(offeredVoltage)\(object.operatingCurrent.text)"
    case .fixedVariableGiveBack(let object):
      "\(offeredVoltage)\(object.operatingCurrent.text), GiveBack to \(object.minimumOperatingCurrent.text)"
    case .battery(let object): "\(offeredVoltage)\(object.operatingPower.text)"
    case .batteryGiveBack(let object): "\(offeredVoltage)\(object.operatingPower.text), GiveBack"
    case .pps(let object): "PPS \(object.outputVoltage.text) \(object.operatingCurrent.text)"
    case .avs(let object): "AVS \(object.outputVoltage.text) \(object.operatingCurrent.text)"
    case .unresolved(let object): unresolvedDemand(object)
    }
  }

  private var offeredVoltage: String {
    switch selected {
    case .fixed(let object): "\(object.voltage.text) "
    case .some(let object):
      object.voltages.map {
        "\(object.kindName) \(decimal(Int64($0.minimum.rawValue), places: 3, keep: 2))-\($0.maximum.text) "
      } ?? ""
    case nil: ""
    }
  }

  /// Without the capabilities the same bits can be a current or a voltage; both readings that make sense are given.
  private func unresolvedDemand(_ object: RequestDataObject) -> String {
    let fixed = FixedVariableRDO(rawValue: object.rawValue)
    let pps = PPSRDO(rawValue: object.rawValue)
    let isPlausiblePPS = pps.outputVoltage >= Millivolts(3_300) && pps.outputVoltage <= Millivolts(21_000)
    let reading = "\(fixed.operatingCurrent.text) if fixed"
    return isPlausiblePPS
      ? "\(reading), \(pps.outputVoltage.text) \(pps.operatingCurrent.text) if PPS" : reading
  }
}
