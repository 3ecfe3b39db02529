import Quantities

// Rules for lists of power data objects (USB-PD R3.2 §6.4.1 and §6.5.15).

extension PowerDataObjectList {
  /// Reports what breaks the rules for the capabilities of a source.
  func checkSourceCapabilities(isEPR: Bool, _ diagnostics: inout Diagnostics) {
    checkFirst(&diagnostics)
    var previous = OrderKey.lowest
    for position in 1...max(1, count) {
      guard let object = source(at: position) else { return }
      if object == .empty {
        checkEmpty(position, isEPR: isEPR, &diagnostics)
        continue
      }
      check(object, at: position, isEPR: isEPR, &diagnostics)
      if isEPR && position == 8 { previous = .lowest }
      let key = OrderKey(object)
      if key < previous {
        diagnostics.append(.objectsOutOfOrder, firstBit: firstBit(of: position), bitCount: 32)
      } else if key == previous && key.isUnique {
        diagnostics.append(.duplicateObject, firstBit: firstBit(of: position), bitCount: 32)
      }
      previous = max(previous, key)
    }
  }

  /// Reports what breaks the rules for the capabilities of a sink.
  func checkSinkCapabilities(isEPR: Bool, _ diagnostics: inout Diagnostics) {
    checkFirst(&diagnostics)
    for position in 1...max(1, count) {
      guard let object = sink(at: position) else { return }
      if object == .empty {
        checkEmpty(position, isEPR: isEPR, &diagnostics)
      } else {
        diagnostics.checkReserved(object.unexpectedBits, object: position &- 1)
      }
    }
  }

  private func firstBit(of position: Int) -> Int { 16 &+ 32 &* (position &- 1) }

  /// Zeros may fill positions 2 to 7 of EPR capabilities; anywhere else they offer nothing.
  private func checkEmpty(_ position: Int, isEPR: Bool, _ diagnostics: inout Diagnostics) {
    guard !(isEPR && position >= 2 && position <= 7) else { return }
    diagnostics.append(.emptyObject, firstBit: firstBit(of: position), bitCount: 32)
  }

  private func checkFirst(_ diagnostics: inout Diagnostics) {
    if case .fixed(let first)? = source(at: 1), first.voltage == Millivolts(5_000) { return }
    diagnostics.append(.firstObjectNotVSafe5V, firstBit: 16, bitCount: 32, value: word(at: 1) ?? 0)
  }

  private func check(
    _ object: SourcePDO, at position: Int, isEPR: Bool, _ diagnostics: inout Diagnostics
  ) {
    let bit = firstBit(of: position)
    diagnostics.checkReserved(object.unexpectedBits, object: position &- 1)
    if position > 1 && object.firstObjectFlags != 0 {
      diagnostics.append(
        .flagsOutsideFirstObject, firstBit: bit &+ 23, bitCount: 7, value: object.firstObjectFlags >> 23)
    }
    if position <= 7 && object.isEPR {
      diagnostics.append(.eprObjectInSPRPosition, firstBit: bit, bitCount: 32, value: object.rawValue)
    }
    if case .reserved(let raw) = object {
      diagnostics.append(.reservedAugmentedType, firstBit: bit &+ 28, bitCount: 2, value: raw >> 28 & 3)
    }
    if let voltages = object.voltages, voltages.minimum > voltages.maximum {
      diagnostics.append(.minimumAboveMaximum, firstBit: bit, bitCount: 32)
    }
  }
}

/// Where an object belongs in a list: first by kind, then by voltage (§6.4.1, "Ordering").
private struct OrderKey: Comparable {
  /// Fixed 0, Battery 1, Variable 2, SPR AVS 3, PPS 4, EPR AVS 5.
  var kind: UInt8
  var voltage: Millivolts

  static let lowest = OrderKey(kind: 0, voltage: .zero)

  /// Only Fixed, Battery and Variable objects must differ in voltage.
  var isUnique: Bool { kind <= 2 && voltage != .zero }

  init(kind: UInt8, voltage: Millivolts) {
    self.kind = kind
    self.voltage = voltage
  }

  init(_ object: SourcePDO) {
    switch object {
    case .fixed(let object): self.init(kind: 0, voltage: object.voltage)
    case .battery(let object): self.init(kind: 1, voltage: object.minimumVoltage)
    case .variable(let object): self.init(kind: 2, voltage: object.minimumVoltage)
    case .sprAVS: self.init(kind: 3, voltage: .zero)
    case .sprPPS(let object): self.init(kind: 4, voltage: object.maximumVoltage)
    case .eprAVS(let object): self.init(kind: 5, voltage: object.maximumVoltage)
    case .reserved, .empty: self.init(kind: 6, voltage: .zero)
    }
  }

  static func < (left: OrderKey, right: OrderKey) -> Bool {
    left.kind != right.kind ? left.kind < right.kind : left.voltage < right.voltage
  }
}
