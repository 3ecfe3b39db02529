public import Quantities

// What a source looks at before it accepts a request (USB-PD R3.2 §6.4.2, §6.4.9).

extension RequestBody {
  /// Reports what breaks the offer. `offer` is `nil` where the capabilities are unknown.
  func check(offer: PowerDataObjectList?, _ diagnostics: inout Diagnostics) {
    let position = Int(request.common.objectPosition)
    if position == 0 {
      diagnostics.append(.positionZero, firstBit: 44, bitCount: 4)
    } else if let offer, offer.source(at: position) ?? .empty == .empty {
      diagnostics.append(.positionNotOffered, firstBit: 44, bitCount: 4, value: UInt32(position))
    } else if offer == nil && selected == nil {
      diagnostics.append(.capabilitiesUnknown)
    }
    diagnostics.checkReserved(request.unexpectedBits, object: 0)
    guard let selected else { return }
    checkCurrent(selected, &diagnostics)
    checkVoltage(selected, &diagnostics)
  }

  private func checkCurrent(_ selected: SourcePDO, _ diagnostics: inout Diagnostics) {
    switch (request, selected) {
    case (.fixedVariable(let request), .fixed(let offer)):
      check(request.operatingCurrent, offer.maximumCurrent, firstBit: 26, bitCount: 10, &diagnostics)
    case (.fixedVariable(let request), .variable(let offer)):
      check(request.operatingCurrent, offer.maximumCurrent, firstBit: 26, bitCount: 10, &diagnostics)
    case (.fixedVariableGiveBack(let request), .fixed(let offer)):
      check(request.operatingCurrent, offer.maximumCurrent, firstBit: 26, bitCount: 10, &diagnostics)
    case (.fixedVariableGiveBack(let request), .variable(let offer)):
      check(request.operatingCurrent, offer.maximumCurrent, firstBit: 26, bitCount: 10, &diagnostics)
    case (.battery(let request), .battery(let offer)):
      check(request.operatingPower, offer.maximumPower, &diagnostics)
    case (.batteryGiveBack(let request), .battery(let offer)):
      check(request.operatingPower, offer.maximumPower, &diagnostics)
    case (.pps(let request), .sprPPS(let offer)):
      check(request.operatingCurrent, offer.maximumCurrent, firstBit: 16, bitCount: 7, &diagnostics)
      if request.operatingCurrent < Milliamperes(1_000) {
        diagnostics.append(.ppsCurrentBelow1A, firstBit: 16, bitCount: 7, value: rawCurrent(request.rawValue))
      }
    case (.avs(let request), .sprAVS(let offer)):
      let limit =
        request.outputVoltage <= Millivolts(15_000) ? offer.maximumCurrent15V : offer.maximumCurrent20V
      check(request.operatingCurrent, limit, firstBit: 16, bitCount: 7, &diagnostics)
    case (.avs(let request), .eprAVS(let offer)):
      let limit = offer.maximumCurrent(at: request.outputVoltage)
      check(request.operatingCurrent, limit, firstBit: 16, bitCount: 7, &diagnostics)
    default: break
    }
  }

  private func rawCurrent(_ word: UInt32) -> UInt32 { word & 0x7F }

  private func check(
    _ current: Milliamperes, _ limit: Milliamperes, firstBit: Int, bitCount: Int,
    _ diagnostics: inout Diagnostics
  ) {
    guard current > limit else { return }
    diagnostics.append(
      .currentAboveOffer, firstBit: firstBit, bitCount: bitCount,
      value: UInt32(truncatingIfNeeded: current.rawValue))
  }

  private func check(_ power: Milliwatts, _ limit: Milliwatts, _ diagnostics: inout Diagnostics) {
    guard power > limit else { return }
    diagnostics.append(
      .powerAboveOffer, firstBit: 26, bitCount: 10, value: UInt32(truncatingIfNeeded: power.rawValue))
  }

  private func checkVoltage(_ selected: SourcePDO, _ diagnostics: inout Diagnostics) {
    let voltage: Millivolts
    switch request {
    case .pps(let request): voltage = request.outputVoltage
    case .avs(let request):
      voltage = request.outputVoltage
      if voltage.rawValue % 100 != 0 {
        diagnostics.append(
          .avsVoltageOffGrid, firstBit: 25, bitCount: 12, value: UInt32(truncatingIfNeeded: voltage.rawValue))
      }
    default: return
    }
    if let range = selected.voltages, !range.contains(voltage) {
      diagnostics.append(
        .voltageOutsideOffer, firstBit: 25, bitCount: 12, value: UInt32(truncatingIfNeeded: voltage.rawValue))
    }
  }
}

extension EPRAVSSourceAPDO {
  /// Most current at a voltage: PDP divided by the voltage, rounded down to 50 mA, and at most 5 A (§6.4.1.2.4.3).
  public func maximumCurrent(at voltage: Millivolts) -> Milliamperes {
    guard voltage.rawValue > 0 else { return .zero }
    let current = Int64(pdp.rawValue) * 1_000 / Int64(voltage.rawValue) / 50 * 50
    return Milliamperes(Int32(truncatingIfNeeded: min(current, 5_000)))
  }
}
