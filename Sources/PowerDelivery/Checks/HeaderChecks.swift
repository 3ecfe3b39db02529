import LineCode

// What the message header and the number of bytes can have wrong.

extension MessageView {
  /// A GoodCRC of two bytes whose header has nothing to report.
  @inline(__always) var isPlainGoodCRC: Bool {
    isGoodCRC && payloadCount == 0 && header.rawValue & 0xC0 != 0xC0
      && (orderedSet == .sop || header.rawValue & 0x20 == 0)
  }

  /// Reports what is wrong with the header and with the number of objects.
  func checkHeader(_ diagnostics: inout Diagnostics) {
    let revision = header.specificationRevision.rawValue
    if revision == 3 { diagnostics.append(.reservedRevision, firstBit: 6, bitCount: 2, value: 3) }
    if orderedSet != .sop && header.rawValue & 0x20 != 0 {
      diagnostics.append(.reservedHeaderBit, firstBit: 5, bitCount: 1)
    }
    checkLength(&diagnostics)
    guard !isGoodCRC else { return }
    guard let introducedIn = kind.introducedIn, let removedAfter = kind.removedAfter else {
      diagnostics.append(.reservedMessageType, firstBit: 0, bitCount: 5, value: UInt32(header.messageType))
      return
    }
    if revision < 2 && introducedIn >= 0x30 {
      diagnostics.append(.notInThisRevision, firstBit: 6, bitCount: 2, value: UInt32(revision))
    }
    if revision >= 2 && removedAfter < 0x30 {
      diagnostics.append(.deprecatedMessage, firstBit: 0, bitCount: 5, value: UInt32(header.messageType))
    }
    if orderedSet == .sop ? !kind.isAllowedOnSOP : !kind.isAllowedOnSOPPrime {
      diagnostics.append(.notOnThisSOP, firstBit: 0, bitCount: 5, value: UInt32(header.messageType))
    }
    if case .data(let type) = kind, !type.allows(objectCount: Int(header.numberOfDataObjects)) {
      diagnostics.append(
        .objectCountNotAllowed, firstBit: 12, bitCount: 3, value: UInt32(header.numberOfDataObjects))
    }
  }

  /// Compares the bytes that arrived with the number of objects in the header.
  ///
  /// An unchunked extended message is exempt: its length is Data Size alone (§6.2.1.1.2).
  private func checkLength(_ diagnostics: inout Diagnostics) {
    if header.extended, let extended = extendedHeader, !extended.chunked { return }
    let announced = 4 &* Int(header.numberOfDataObjects)
    guard payloadCount != announced else { return }
    if payloadCount > announced {
      diagnostics.append(
        .surplusBytes, firstBit: 16 &+ 8 &* announced, bitCount: 8 &* (payloadCount &- announced),
        value: UInt32(truncatingIfNeeded: payloadCount &- announced))
      return
    }
    diagnostics.append(
      .objectsMissing, firstBit: 12, bitCount: 3, value: UInt32(truncatingIfNeeded: payloadCount >> 2))
    if payloadCount & 3 != 0 {
      diagnostics.append(
        .partialObject, firstBit: 16 &+ 32 &* (payloadCount >> 2), bitCount: 8 &* (payloadCount & 3))
    }
  }
}

extension MessageKind {
  /// First revision that has the message, as two hexadecimal digits (0x20, 0x30 …); `nil` for a reserved type.
  var introducedIn: UInt8? {
    switch self {
    case .control(let type): type.introducedIn
    case .data(let type): type.introducedIn
    case .extended(let type): type.introducedIn
    }
  }

  /// Last revision that has the message, 0xFF while it is in force; `nil` for a reserved type.
  var removedAfter: UInt8? {
    switch self {
    case .control(let type): type.removedAfter
    case .data(let type): type.removedAfter
    case .extended(let type): type.removedAfter
    }
  }

  var isAllowedOnSOP: Bool {
    switch self {
    case .control(let type): type.isAllowedOnSOP
    case .data(let type): type.isAllowedOnSOP
    case .extended(let type): type.isAllowedOnSOP
    }
  }

  var isAllowedOnSOPPrime: Bool {
    switch self {
    case .control(let type): type.isAllowedOnSOPPrime
    case .data(let type): type.isAllowedOnSOPPrime
    case .extended(let type): type.isAllowedOnSOPPrime
    }
  }
}

extension DataMessageType {
  /// BIST has one object, or seven with test data; nothing in between (§6.4.3).
  func allows(objectCount count: Int) -> Bool {
    if self == .bist { return count == 1 || count == 7 }
    guard let minimum = minimumObjectCount, let maximum = maximumObjectCount else { return true }
    return count >= minimum && count <= maximum
  }
}

extension ExtendedMessageType {
  /// Reports a Data Size that the message may not have; capabilities count in whole objects.
  func check(dataSize: Int, _ message: borrowing MessageView, _ diagnostics: inout Diagnostics) {
    let isPlugStatus = self == .status && message.orderedSet != .sop
    let isCapabilities = self == .eprSourceCapabilities || self == .eprSinkCapabilities
    guard let minimum = minimumDataSize, let maximum = maximumDataSize else { return }
    let fits =
      isPlugStatus
      ? dataSize == 2 : dataSize >= minimum && dataSize <= maximum && !(isCapabilities && dataSize & 3 != 0)
    if !fits {
      diagnostics.append(
        .dataSizeNotAllowed, firstBit: 16, bitCount: 9, value: UInt32(truncatingIfNeeded: dataSize))
    }
  }
}

extension Diagnostics {
  /// Reports reserved bits that are 1 in data object `object`, counted from 0.
  mutating func checkReserved(_ unexpectedBits: UInt32, object: Int) {
    guard unexpectedBits != 0 else { return }
    let lowest = unexpectedBits.trailingZeroBitCount
    append(
      .reservedBitsSet, firstBit: 16 &+ 32 &* object &+ lowest,
      bitCount: 32 &- unexpectedBits.leadingZeroBitCount &- lowest, value: unexpectedBits)
  }

  /// Reports a code that has no name.
  mutating func check(_ name: StaticString?, code: UInt32, firstBit: Int, bitCount: Int) {
    guard name == nil else { return }
    append(.reservedCode, firstBit: firstBit, bitCount: bitCount, value: code)
  }
}
