import LineCode
import PowerDelivery
import Quantities

// What misbehaving ports send of their own accord.

extension Misbehaviour {
  var isSoftReset: Bool { if case .softResetStorm = self { true } else { false } }

  /// One message of the kind; `nil` where it is no message.
  func message(header: MessageHeader, random: inout SeededRandom) -> ShortMessage? {
    switch self {
    case .floods: return ShortMessage(.getSourceCap, header: header)
    case .softResetStorm: return ShortMessage(.softReset, header: header)
    case .garbageMessages: return garbage(header, &random)
    case .reservedMessages: return reserved(header, &random)
    case .vdmFlood: return vendorDefined(header, &random)
    case .requestsWithoutCapabilities:
      var request = FixedVariableRDO()
      request.objectPosition = UInt8(random.number(in: 1...2))
      request.operatingCurrent = Milliamperes(1_000)
      request.maximumOperatingCurrent = Milliamperes(1_000)
      var message = ShortMessage(.request, header: header)
      message.append(request.rawValue)
      return message
    case .chunkNonsense: return chunk(header, &random)
    case .claimsSource:
      var object = FixedSupplySourcePDO()
      object.voltage = Millivolts(5_000)
      object.maximumCurrent = Milliamperes(3_000)
      var header = header
      header.portPowerRole = .source
      var message = ShortMessage(.sourceCapabilities, header: header)
      message.append(object.rawValue)
      return message
    default: return nil
    }
  }

  /// Random words; never a GoodCRC, which would say something about another message.
  private func garbage(_ header: MessageHeader, _ random: inout SeededRandom) -> ShortMessage {
    var message = ShortMessage(header: header)
    for _ in 0..<random.below(8) { message.append(UInt32(truncatingIfNeeded: random.next())) }
    message.header.rawValue = UInt16(truncatingIfNeeded: random.next())
    if message.isGoodCRC { message.header.extended = true }
    return message
  }

  private func reserved(_ header: MessageHeader, _ random: inout SeededRandom) -> ShortMessage {
    switch random.below(3) {
    case 0:
      return ShortMessage(
        ControlMessageType(rawValue: UInt8(random.number(in: 0x19...0x1F))), header: header)
    case 1:
      var message = ShortMessage(
        DataMessageType(rawValue: UInt8(random.number(in: 0x10...0x1D))), header: header)
      message.append(UInt32(truncatingIfNeeded: random.next()))
      return message
    default:
      var message = ShortMessage(
        DataMessageType(rawValue: UInt8(random.number(in: 0x13...0x1D))), header: header)
      message.append(0x8002)
      message.header.extended = true
      return message
    }
  }

  private func vendorDefined(_ header: MessageHeader, _ random: inout SeededRandom) -> ShortMessage {
    var message = ShortMessage(.vendorDefined, header: header)
    if random.below(2) == 0 {
      var vdm = StructuredVDMHeader()
      vdm.svid = UInt16(truncatingIfNeeded: random.next())
      vdm.versionMajor = .version2
      vdm.command = VDMCommand(rawValue: UInt8(random.below(32)))
      vdm.commandType = VDMCommandType(rawValue: UInt8(random.below(4)))
      message.append(vdm.rawValue)
    } else {
      message.append(UInt32(truncatingIfNeeded: random.next()) & 0xFFFF_7FFF)
    }
    for _ in 0..<random.below(7) { message.append(UInt32(truncatingIfNeeded: random.next())) }
    return message
  }

  private func chunk(_ header: MessageHeader, _ random: inout SeededRandom) -> ShortMessage {
    var extended = ExtendedMessageHeader()
    extended.chunked = random.below(4) != 0
    extended.chunkNumber = UInt8(random.below(16))
    extended.requestChunk = random.below(3) == 0
    extended.dataSize = UInt16(random.below(512))
    var message = ShortMessage(
      DataMessageType(rawValue: UInt8(random.number(in: 1...0x12))), header: header)
    message.append(UInt32(extended.rawValue) | UInt32(truncatingIfNeeded: random.next()) &<< 16)
    for _ in 0..<random.below(7) { message.append(UInt32(truncatingIfNeeded: random.next())) }
    message.header.extended = true
    return message
  }
}
