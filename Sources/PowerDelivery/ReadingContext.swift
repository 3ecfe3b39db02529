import LineCode

/// What must be known to read a message: what was said before it.
///
/// A Request means nothing without the object that it selects, a chunk nothing without the chunks before it, and the
/// mode (SPR or EPR) decides which message may carry a request. The context is a value: feed it every message of a
/// conversation in order, or set its parts by hand to read a single one. It serves a sniffer, which sees both sides,
/// as well as a port.
public struct ReadingContext: Sendable {
  /// Whether the ports are in EPR mode (USB-PD R3.2 §6.4.10).
  public enum PowerMode: UInt8, Sendable {
    /// Nothing that was read tells.
    case unknown
    case spr, epr
  }

  /// The last Source_Capabilities; `nil` before the first.
  public var sourceCapabilities: PowerDataObjectList?
  /// The last EPR_Source_Capabilities; `nil` before the first.
  public var eprSourceCapabilities: PowerDataObjectList?
  public var powerMode = PowerMode.unknown
  /// Whether the source, and the sink, said that they support unchunked extended messages; `nil` before they spoke.
  public var sourceSupportsUnchunked: Bool?
  public var sinkSupportsUnchunked: Bool?
  /// The data of the last extended message that `read` completed.
  public private(set) var dataBlock = DataBlock()

  /// One for each `Sender`.
  private var assemblers = InlineArray<4, ChunkAssembler>(repeating: ChunkAssembler())

  public init() {}

  /// Hard Reset, or a detach: what was agreed holds no longer (§6.8.3).
  public mutating func reset() {
    self = ReadingContext()
  }

  /// Reads the next message of the conversation.
  public mutating func read(_ message: borrowing Message) -> Decoded<MessageBody> {
    guard let view = try? MessageView(wireBytes: message.bytes, orderedSet: message.orderedSet) else {
      return Decoded(.unreadable)
    }
    return read(view)
  }

  /// Reads the next message of the conversation.
  ///
  /// Total: any message gives a body and the list of what is wrong with it.
  public mutating func read(_ message: borrowing MessageView) -> Decoded<MessageBody> {
    var diagnostics = Diagnostics()
    let body = read(message, &diagnostics)
    return Decoded(body, diagnostics)
  }

  /// Reads the next message of the conversation into a list of findings that is used again and again, which saves
  /// making one for each message. What `diagnostics` held before is dropped.
  public mutating func read(
    _ message: borrowing MessageView, _ diagnostics: inout Diagnostics
  ) -> MessageBody {
    diagnostics.removeAll()
    // Every second message is a plain GoodCRC; there is nothing in it to look at.
    if message.isPlainGoodCRC { return .control(.goodCRC) }
    message.checkHeader(&diagnostics)
    switch message.kind {
    case .control(let type):
      if type == .softReset { resetAssemblers() }
      return type.name == nil ? .reserved : .control(type)
    case .data(let type): return readData(type, message, &diagnostics)
    case .extended(let type): return readExtended(type, message, &diagnostics)
    }
  }

  private mutating func resetAssemblers() {
    for index in 0..<4 { assemblers[index].reset() }
  }

  // MARK: - Data messages

  private mutating func readData(
    _ type: DataMessageType, _ message: borrowing MessageView, _ diagnostics: inout Diagnostics
  ) -> MessageBody {
    let word = message.object(0)
    guard message.objectCount > 0 else { return type.name == nil ? .reserved : .unreadable }
    switch type {
    case .sourceCapabilities: return readSourceCapabilities(message, &diagnostics)
    case .sinkCapabilities:
      let objects = PowerDataObjectList(message)
      objects.checkSinkCapabilities(isEPR: false, &diagnostics)
      return .sinkCapabilities(objects)
    case .request: return readRequest(word, &diagnostics)
    case .eprRequest: return readEPRRequest(message, &diagnostics)
    case .eprMode:
      let object = EPRModeDataObject(rawValue: word)
      follow(object)
      diagnostics.check(object.action.name, code: word >> 24, firstBit: 40, bitCount: 8)
      return checked(.eprMode(object), object.unexpectedBits, &diagnostics)
    case .vendorDefined:
      guard let body = VendorDefinedBody(message) else { return .unreadable }
      body.check(&diagnostics)
      return .vendorDefined(body)
    case .bist:
      let object = BISTDataObject(rawValue: word)
      diagnostics.check(object.mode.name, code: word >> 28, firstBit: 44, bitCount: 4)
      return checked(.bist(object), object.unexpectedBits, &diagnostics)
    case .batteryStatus:
      let object = BatteryStatusDataObject(rawValue: word)
      return checked(.batteryStatus(object), object.unexpectedBits, &diagnostics)
    case .alert:
      let object = AlertDataObject(rawValue: word)
      return checked(.alert(object), object.unexpectedBits, &diagnostics)
    case .getCountryInfo:
      let object = CountryCodeDataObject(rawValue: word)
      return checked(.getCountryInfo(object), object.unexpectedBits, &diagnostics)
    case .enterUSB:
      let object = EnterUSBDataObject(rawValue: word)
      return checked(.enterUSB(object), object.unexpectedBits, &diagnostics)
    case .sourceInfo:
      let object = SourceInfoDataObject(rawValue: word)
      return checked(.sourceInfo(object), object.unexpectedBits, &diagnostics)
    case .revision:
      let object = RevisionDataObject(rawValue: word)
      return checked(.revision(object), object.unexpectedBits, &diagnostics)
    default: return .reserved
    }
  }

  private func checked(
    _ body: MessageBody, _ unexpectedBits: UInt32, _ diagnostics: inout Diagnostics
  ) -> MessageBody {
    diagnostics.checkReserved(unexpectedBits, object: 0)
    return body
  }

  private mutating func readSourceCapabilities(
    _ message: borrowing MessageView, _ diagnostics: inout Diagnostics
  ) -> MessageBody {
    let objects = PowerDataObjectList(message)
    objects.checkSourceCapabilities(isEPR: false, &diagnostics)
    learn(objects)
    sourceCapabilities = objects
    if powerMode == .unknown { powerMode = .spr }
    return .sourceCapabilities(objects)
  }

  private mutating func readRequest(_ word: UInt32, _ diagnostics: inout Diagnostics) -> MessageBody {
    let position = Int(word >> 28)
    let offer = powerMode == .epr ? eprSourceCapabilities ?? sourceCapabilities : sourceCapabilities
    let selected = offer?.source(at: position)
    let body = RequestBody(request: PowerRequest(rawValue: word, for: selected), selected: selected)
    if powerMode == .epr { diagnostics.append(.requestInEPRMode) }
    if position > 7 {
      diagnostics.append(.positionAbove7, firstBit: 44, bitCount: 4, value: UInt32(position))
    }
    body.check(offer: offer, &diagnostics)
    sinkSupportsUnchunked = body.request.common.unchunkedExtendedMessagesSupported
    return .request(body)
  }

  private mutating func readEPRRequest(_ message: borrowing MessageView, _ diagnostics: inout Diagnostics)
    -> MessageBody
  {
    let word = message.object(0)
    let copy = message.objectCount > 1 ? SourcePDO(rawValue: message.object(1)) : nil
    let offered = eprSourceCapabilities?.source(at: Int(word >> 28))
    let selected = offered ?? copy
    let body = RequestBody(
      request: PowerRequest(rawValue: word, for: selected), selected: selected, copy: copy)
    if powerMode == .spr { diagnostics.append(.eprRequestInSPRMode) }
    body.check(offer: eprSourceCapabilities, &diagnostics)
    if let copy, let offered, copy != offered {
      diagnostics.append(.copyDiffers, firstBit: 48, bitCount: 32, value: copy.rawValue)
    }
    sinkSupportsUnchunked = body.request.common.unchunkedExtendedMessagesSupported
    if powerMode == .unknown { powerMode = .epr }
    return .eprRequest(body)
  }

  /// Learns from a source's first object whether it supports unchunked messages (bit 24, §6.4.1.2.1).
  private mutating func learn(_ objects: PowerDataObjectList) {
    if case .fixed(let first)? = objects.source(at: 1) {
      sourceSupportsUnchunked = first.unchunkedExtendedMessagesSupported
    }
  }

  private mutating func follow(_ object: EPRModeDataObject) {
    switch object.action {
    case .enterSucceeded: powerMode = .epr
    case .exit: powerMode = .spr
    case .enter, .enterAcknowledged, .enterFailed: if powerMode == .unknown { powerMode = .spr }
    default: break
    }
  }

  // MARK: - Extended messages

  private mutating func readExtended(
    _ type: ExtendedMessageType, _ message: borrowing MessageView, _ diagnostics: inout Diagnostics
  ) -> MessageBody {
    let sender = Int(message.sender.rawValue)
    let number = Int(message.extendedHeader?.chunkNumber ?? 0)
    checkChunking(message, &diagnostics)
    switch assemblers[sender].accept(message, diagnostics: &diagnostics) {
    case .waiting(let next): return .chunk(number: number, next: next)
    case .repeated, .outOfOrder: return .chunk(number: number, next: nil)
    case .request(let number): return .chunkRequest(number: number)
    case .malformed: return .unreadable
    case .complete:
      dataBlock = assemblers[sender].block
      guard type.name != nil else { return .reserved }
      type.check(dataSize: dataBlock.count, message, &diagnostics)
      return readBlock(type, message, &diagnostics)
    }
  }

  /// A message without chunks needs the consent of both ports, and is never sent on SOP′ and SOP″ (§6.2.1.2.1).
  private func checkChunking(_ message: borrowing MessageView, _ diagnostics: inout Diagnostics) {
    guard let header = message.extendedHeader, !header.chunked else { return }
    if message.orderedSet != .sop || sourceSupportsUnchunked == false || sinkSupportsUnchunked == false {
      diagnostics.append(.unchunkedNotAgreed, firstBit: 31, bitCount: 1)
    }
  }

  private mutating func readBlock(
    _ type: ExtendedMessageType, _ message: borrowing MessageView, _ diagnostics: inout Diagnostics
  ) -> MessageBody {
    let block = dataBlock
    switch type {
    case .eprSourceCapabilities:
      let objects = block.objectList(&diagnostics)
      objects.checkSourceCapabilities(isEPR: true, &diagnostics)
      learn(objects)
      eprSourceCapabilities = objects
      if powerMode == .unknown { powerMode = .epr }
      return .eprSourceCapabilities(objects)
    case .eprSinkCapabilities:
      let objects = block.objectList(&diagnostics)
      objects.checkSinkCapabilities(isEPR: true, &diagnostics)
      return .eprSinkCapabilities(objects)
    case .extendedControl:
      let control = block.withBytes { ExtendedControlBlock(bytes: $0) }
      diagnostics.check(control.type.name, code: UInt32(control.type.rawValue), firstBit: 32, bitCount: 8)
      if powerMode == .unknown, control.type == .eprKeepAlive || control.type == .eprKeepAliveAck {
        powerMode = .epr
      }
      return .extendedControl(control)
    case .status where message.orderedSet != .sop:
      return .cablePlugStatus(block.withBytes { CablePlugStatusBlock(bytes: $0) })
    default: return block.fixedBody(type)
    }
  }
}

extension DataBlock {
  /// The bodies that are read from the bytes alone.
  fileprivate func fixedBody(_ type: ExtendedMessageType) -> MessageBody {
    withBytes { bytes in
      switch type {
      case .sourceCapabilitiesExtended:
        .sourceCapabilitiesExtended(SourceCapabilitiesExtendedBlock(bytes: bytes))
      case .status: .status(StatusBlock(bytes: bytes))
      case .getBatteryCap: .getBatteryCap(GetBatteryCapBlock(bytes: bytes))
      case .getBatteryStatus: .getBatteryStatus(GetBatteryStatusBlock(bytes: bytes))
      case .batteryCapabilities: .batteryCapabilities(BatteryCapabilitiesBlock(bytes: bytes))
      case .getManufacturerInfo: .getManufacturerInfo(GetManufacturerInfoBlock(bytes: bytes))
      case .manufacturerInfo: .manufacturerInfo(ManufacturerInfoBlock(bytes: bytes))
      case .securityRequest: .securityRequest(SecurityRequestBlock(bytes: bytes))
      case .securityResponse: .securityResponse(SecurityResponseBlock(bytes: bytes))
      case .firmwareUpdateRequest: .firmwareUpdateRequest(FirmwareUpdateRequestBlock(bytes: bytes))
      case .firmwareUpdateResponse: .firmwareUpdateResponse(FirmwareUpdateResponseBlock(bytes: bytes))
      case .ppsStatus: .ppsStatus(PPSStatusBlock(bytes: bytes))
      case .countryInfo: .countryInfo(CountryInfoBlock(bytes: bytes))
      case .countryCodes: .countryCodes(CountryCodesBlock(bytes: bytes))
      case .sinkCapabilitiesExtended:
        .sinkCapabilitiesExtended(SinkCapabilitiesExtendedBlock(bytes: bytes))
      case .vendorDefinedExtended: .vendorDefinedExtended(VendorDefinedExtendedBlock(bytes: bytes))
      default: .reserved
      }
    }
  }

  /// The words of EPR capabilities; objects past the eleventh are reported, not kept.
  fileprivate func objectList(_ diagnostics: inout Diagnostics) -> PowerDataObjectList {
    var objects = PowerDataObjectList()
    for index in 0..<count >> 2 where !objects.append(word(at: index &* 4)) {
      diagnostics.append(.tooManyObjects, value: UInt32(truncatingIfNeeded: count >> 2))
      break
    }
    return objects
  }
}
