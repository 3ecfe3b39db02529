import LineCode
import PowerDelivery
import Quantities

/// The controller in a cable plug: answers on SOP′ or SOP″, sends nothing by itself and repeats nothing
/// (USB-PD R3.2 §6.11, §8.3.3.25).
struct CablePlug {
  let orderedSet: OrderedSet
  /// When VCONN came; `nil` without.
  private(set) var poweredSince: Instant?
  private var storedID: UInt8?
  private var nextID: UInt8 = 0
  private var answer: ShortMessage?

  init(_ orderedSet: OrderedSet) { self.orderedSet = orderedSet }

  /// VCONN comes or goes. Without it the plug forgets everything.
  mutating func setPower(_ isPowered: Bool, at now: Instant) {
    guard isPowered != (poweredSince != nil) else { return }
    poweredSince = isPowered ? now : nil
    restart()
  }

  /// Hard Reset and Cable Reset: as after power-up, but ready at once.
  mutating func restart() {
    storedID = nil
    nextID = 0
    answer = nil
  }

  /// Whether the plug listens: VCONN has been there for tVCONNStable.
  private func isAwake(at now: Instant) -> Bool {
    guard let since = poweredSince else { return false }
    return now >= since + (Timing.vconnStable.maximum ?? Timing.vconnStable.nominal ?? .zero)
  }

  /// Takes a packet; returns the GoodCRC to send. The answer, if any, is `takeAnswer` once that has left.
  mutating func take(
    _ message: borrowing ShortMessage, cable: Cable, at now: Instant, random: inout SeededRandom
  ) -> ShortMessage? {
    guard message.orderedSet == orderedSet, isAwake(at: now), cable.marker != .silent else { return nil }
    // Another plug's packet, or one that a plug of this cable sent.
    guard CablePlugMessageHeader(rawValue: message.header.rawValue).cablePlug == .port else { return nil }
    if message.isGoodCRC { return nil }
    let id = message.header.messageID
    let isSoftReset = message.kind == .control(.softReset)
    if isSoftReset {
      storedID = nil
      nextID = 0
    }
    if storedID != id {
      storedID = id
      answer = isSoftReset ? self.message(.control(.accept), cable) : reply(message, cable, &random)
    }
    var header = self.header(cable)
    header.messageID = id
    return ShortMessage(.goodCRC, header: MessageHeader(rawValue: header.rawValue), orderedSet: orderedSet)
  }

  /// The answer to send after the GoodCRC has left.
  mutating func takeAnswer() -> ShortMessage? {
    guard var message = answer else { return nil }
    answer = nil
    message.header.messageID = nextID
    nextID = (nextID &+ 1) & 7
    return message
  }

  private func header(_ cable: Cable) -> CablePlugMessageHeader {
    var header = CablePlugMessageHeader()
    header.cablePlug = .plug
    header.specificationRevision = cable.revision
    return header
  }

  private func message(_ kind: MessageKind, _ cable: Cable) -> ShortMessage {
    let header = MessageHeader(rawValue: header(cable).rawValue)
    return switch kind {
    case .data(let type): ShortMessage(type, header: header, orderedSet: orderedSet)
    case .control(let type): ShortMessage(type, header: header, orderedSet: orderedSet)
    case .extended: ShortMessage(.notSupported, header: header, orderedSet: orderedSet)
    }
  }

  /// Structured requests are answered; all else a plug ignores.
  private func reply(
    _ request: borrowing ShortMessage, _ cable: Cable, _ random: inout SeededRandom
  ) -> ShortMessage? {
    guard request.kind == .data(.vendorDefined), request.objectCount > 0, request.object(0) & 0x8000 != 0
    else { return nil }
    var vdm = StructuredVDMHeader(rawValue: request.object(0))
    guard vdm.commandType == .request else { return nil }
    if cable.revision == .revision2 {
      vdm.versionMajor = .version1
      vdm.versionMinor = 0
    }
    var answer = message(.data(.vendorDefined), cable)
    let isIdentity = vdm.command == .discoverIdentity && vdm.svid == 0xFF00
    if isIdentity && cable.marker != .refuses {
      vdm.commandType = .acknowledge
      answer.append(vdm.rawValue)
      appendIdentity(to: &answer, cable, &random)
    } else {
      vdm.commandType = .negativeAcknowledge
      answer.append(vdm.rawValue)
    }
    return answer
  }

  private func appendIdentity(
    to answer: inout ShortMessage, _ cable: Cable, _ random: inout SeededRandom
  ) {
    var identity = CableIDHeaderVDO()
    identity.cableProductType = cable.kind == .active ? .activeCable : .passiveCable
    if cable.revision != .revision2 { identity.connectorType = .plug }
    answer.append(identity.rawValue)
    answer.append(CertStatVDO().rawValue)
    answer.append(ProductVDO().rawValue)
    if cable.marker == .garbled {
      answer.append(UInt32(truncatingIfNeeded: random.next()))
      return
    }
    if cable.revision == .revision2 {
      var object = LegacyCableVDO()
      object.plugType = .typeC
      object.latency = .upTo10Nanoseconds
      object.currentCapability = cable.kind == .passive3A ? .amperes3 : .amperes5
      object.vbusThroughCable = true
      object.sopDoublePrimeControllerPresent = cable.kind == .active
      answer.append(object.rawValue)
    } else if cable.kind == .active {
      var object = ActiveCableVDO1()
      object.plugType = .typeC
      object.latency = .upTo10Nanoseconds
      object.termination = .bothEndsActive
      object.currentCapability = .amperes5
      object.vbusThroughCable = true
      object.sopDoublePrimeControllerPresent = true
      object.highestSpeed = .gen2
      answer.append(object.rawValue)
      answer.append(ActiveCableVDO2().rawValue)
    } else {
      var object = PassiveCableVDO()
      object.plugType = .typeC
      object.eprCapable = cable.kind == .epr
      object.latency = .upTo10Nanoseconds
      object.maximumVBUS = cable.kind == .epr ? .volts50 : .volts20
      object.currentCapability = cable.kind == .passive3A ? .amperes3 : .amperes5
      answer.append(object.rawValue)
    }
  }
}
