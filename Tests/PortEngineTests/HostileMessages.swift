import LineCode
import PortEngine
import PowerDelivery
import Quantities

// What a hostile world says and asks: messages that fit, chunks, garbage, and any request of the user.

extension HostileWorld {
  /// A message that is well-formed, most often one that fits the role.
  mutating func message() -> ShortMessage {
    let header = partnerHeader()
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<25: return fitting(header)
    case 25..<55: return ShortMessage(ControlMessageType(rawValue: byte() % 26), header: header)
    case 55..<75:
      var message = ShortMessage(DataMessageType(rawValue: byte() & 15), header: header)
      for _ in 0..<Int.random(in: 1...7, using: &random) { message.append(word()) }
      return message
    case 75..<92: return chunk(header)
    default:
      var cable = header
      cable.portPowerRole = .source
      var message = ShortMessage(
        .vendorDefined, header: cable, orderedSet: chance(80) ? .sopPrime : .sopDoublePrime)
      message.append(0xFF00_8041)
      for _ in 0..<Int.random(in: 0...5, using: &random) { message.append(word()) }
      return message
    }
  }

  /// What leads towards a contract.
  mutating func fitting(_ header: MessageHeader) -> ShortMessage {
    var message: ShortMessage
    if engine.isSourcing {
      message = ShortMessage(engine.isInEPRMode ? .eprRequest : .request, header: header)
      let position = byte() % 5
      message.append(Sample.request(position, 1_000))
      if engine.isInEPRMode { message.append(engine.offeredCapabilities.word(at: Int(position)) ?? 0) }
      return message
    }
    switch engine.state {
    case .snkWaitForCapabilities, .snkReady:
      message = ShortMessage(.sourceCapabilities, header: header)
      var first = FixedSupplySourcePDO(rawValue: Sample.fixed(5, 3_000))
      first.eprCapable = true
      for word in [first.rawValue, Sample.fixed(9, 3_000), Sample.pps(3_300, 11_000, 3_000)] {
        message.append(word)
      }
      return message
    case .snkSendEPRModeEntry, .snkEPRModeWaitForResponse:
      message = ShortMessage(.eprMode, header: header)
      message.append(UInt32(byte() % 6) << 24)
      return message
    case .snkTransitionSink: return ShortMessage(.psRDY, header: header)
    default: return ShortMessage(chance(80) ? .accept : .reject, header: header)
    }
  }

  mutating func chunk(_ header: MessageHeader) -> ShortMessage {
    var extended = ExtendedMessageHeader()
    extended.chunked = chance(95)
    extended.requestChunk = chance(30)
    extended.chunkNumber = byte() & (chance(80) ? 1 : 15)
    extended.dataSize = UInt16(byte()) & (chance(80) ? 31 : 511)
    var block = DataBlock()
    for _ in 0..<Int(extended.dataSize) { block.append(chance(50) ? byte() & 7 : byte()) }
    return ShortMessage(
      ExtendedMessageType(rawValue: chance(50) ? 0x10 : byte() & 31), chunk: extended, of: block,
      header: header)
  }

  /// A packet of random bits.
  mutating func garbage() -> ShortMessage {
    var message = ShortMessage(
      header: MessageHeader(), orderedSet: OrderedSet(rawValue: byte() % 7) ?? .sop)
    for _ in 0..<Int.random(in: 0...7, using: &random) { message.append(word()) }
    message.header = MessageHeader(rawValue: UInt16.random(in: 0...0xFFFF, using: &random))
    return message
  }

  mutating func word() -> UInt32 { UInt32.random(in: 0...UInt32.max, using: &random) }

  mutating func request() -> PortRequest {
    switch byte() % 20 {
    case 0: .offerCapabilities
    case 1: .gotoMin
    case 2: .choosePower
    case 3: .getSourceCapabilities
    case 4: .getSinkCapabilities
    case 5: .enterEPR
    case 6: .exitEPR
    case 7: .dataRoleSwap
    case 8: .powerRoleSwap
    case 9: .vconnSwap
    case 10: chance(20) ? .hardReset : .discoverSVIDs
    case 11: chance(20) ? .softReset : .discoverIdentity
    case 12: .alert(AlertDataObject(rawValue: word()))
    case 13: .get(ControlMessageType(rawValue: byte() & 31))
    case 14: .getBattery(ExtendedMessageType(rawValue: 3 + byte() % 4), reference: byte())
    case 15: .discoverIdentity
    case 16: .discoverSVIDs
    case 17: .discoverModes(svid: UInt16(byte()))
    case 18: .sendVendorDefined(garbage())
    default: .sendBIST(BISTDataObject(rawValue: word()))
    }
  }
}
