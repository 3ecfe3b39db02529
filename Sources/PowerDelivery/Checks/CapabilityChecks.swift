import Quantities

// Rules for lists of power data objects (USB-PD R3.2 §6.4.1 and §6.5.15).

extension PowerDataObjectList {
  /// Reports what breaks the rules for the capabilities of a source.
  func checkSourceCapabilities(isEPR: Bool, _ diagnostics: inout Diagnostics) {
    checkFirst(&diagnostics)
    var previous: UInt32 = 0
    for index in 0..<count {
      let raw = words[index]
      guard raw != 0 else {
        checkEmpty(index &+ 1, isEPR: isEPR, &diagnostics)
        continue
      }
      let facts = SourceObjectFacts(SourcePDO(rawValue: raw))
      let isWrongPlace = facts.isEPR && index < 7
      let hasFlags = index > 0 && facts.firstObjectFlags != 0
      if facts.unexpectedBits != 0 || isWrongPlace || hasFlags || facts.isReserved || facts.isReversed {
        report(facts, raw, at: index &+ 1, &diagnostics)
      }
      if isEPR && index == 7 { previous = 0 }
      if facts.order < previous {
        diagnostics.append(.objectsOutOfOrder, firstBit: firstBit(of: index &+ 1), bitCount: 32, value: raw)
      } else if facts.order == previous && facts.mustDiffer {
        diagnostics.append(.duplicateObject, firstBit: firstBit(of: index &+ 1), bitCount: 32, value: raw)
      }
      previous = max(previous, facts.order)
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

  /// The rare case that something is wrong with one object, kept off the common path.
  @inline(never)
  private func report(
    _ facts: SourceObjectFacts, _ raw: UInt32, at position: Int, _ diagnostics: inout Diagnostics
  ) {
    let bit = firstBit(of: position)
    diagnostics.checkReserved(facts.unexpectedBits, object: position &- 1)
    if position > 1 && facts.firstObjectFlags != 0 {
      diagnostics.append(
        .flagsOutsideFirstObject, firstBit: bit &+ 23, bitCount: 7, value: facts.firstObjectFlags >> 23)
    }
    if position <= 7 && facts.isEPR {
      diagnostics.append(.eprObjectInSPRPosition, firstBit: bit, bitCount: 32, value: raw)
    }
    if facts.isReserved {
      diagnostics.append(.reservedAugmentedType, firstBit: bit &+ 28, bitCount: 2, value: raw >> 28 & 3)
    }
    if facts.isReversed { diagnostics.append(.minimumAboveMaximum, firstBit: bit, bitCount: 32, value: raw) }
  }
}

/// What the rules for a list ask of one object of a source.
private struct SourceObjectFacts {
  /// Where the object belongs (§6.4.1, "Ordering"): the kind (Fixed 0, Battery 1, Variable 2, SPR AVS 3, PPS 4, EPR
  /// AVS 5) above 24 bits of voltage in mV.
  var order: UInt32
  var unexpectedBits: UInt32 = 0
  var firstObjectFlags: UInt32 = 0
  /// Whether it belongs in positions 8 and up.
  var isEPR = false
  var isReserved = false
  /// Whether the lowest voltage is above the highest.
  var isReversed = false
  /// Fixed, Battery and Variable objects must differ in voltage.
  var mustDiffer = false

  @inline(__always) init(_ object: SourcePDO) {
    switch object {
    case .fixed(let object):
      order = SourceObjectFacts.order(0, object.voltage)
      unexpectedBits = object.unexpectedBits
      firstObjectFlags = object.rawValue & 0x3F80_0000
      isEPR = object.voltage > SourcePDO.highestSPRVoltage
      mustDiffer = true
    case .battery(let object):
      order = SourceObjectFacts.order(1, object.minimumVoltage)
      isReversed = object.minimumVoltage > object.maximumVoltage
      mustDiffer = true
    case .variable(let object):
      order = SourceObjectFacts.order(2, object.minimumVoltage)
      isReversed = object.minimumVoltage > object.maximumVoltage
      mustDiffer = true
    case .sprAVS(let object):
      order = SourceObjectFacts.order(3, .zero)
      unexpectedBits = object.unexpectedBits
    case .sprPPS(let object):
      order = SourceObjectFacts.order(4, object.maximumVoltage)
      unexpectedBits = object.unexpectedBits
      isReversed = object.minimumVoltage > object.maximumVoltage
    case .eprAVS(let object):
      order = SourceObjectFacts.order(5, object.maximumVoltage)
      unexpectedBits = object.unexpectedBits
      isReversed = object.minimumVoltage > object.maximumVoltage
      isEPR = true
    case .reserved, .empty:
      order = SourceObjectFacts.order(6, .zero)
      isReserved = true
    }
  }

  @inline(__always) private static func order(_ kind: UInt32, _ voltage: Millivolts) -> UInt32 {
    kind &<< 24 | UInt32(truncatingIfNeeded: voltage.rawValue)
  }
}
