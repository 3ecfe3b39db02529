import PowerDelivery
import PowerSupervision
import Quantities

/// The supply of a host of `ChipTwin` that is a source: it has no converter here, so VBUS goes where its messages say,
/// as a good one would have it.
struct HostSupply {
  /// The side of the host's chip.
  let side: Side
  private(set) var voltage = Millivolts.zero
  private var offer: [UInt32] = []
  /// What is asked and not answered yet.
  private var question = Question.none
  /// When VBUS goes off for a swap of the power role; until the host presents Rp no more.
  private var offTime: Instant?

  private enum Question: Equatable {
    case none
    case power(Millivolts)
    case powerRoleSwap
  }

  init(_ side: Side) { self.side = side }

  /// When the voltage changes without a message.
  var nextChange: Instant? { voltage == .zero ? nil : offTime }

  /// - Parameter isSource: whether the host's chip presents Rp to a sink and acknowledges messages: a host is ready to
  ///   hear them before it supplies VBUS.
  mutating func update(isSource: Bool, _ entries: [ChipBench.LogEntry], at now: Instant) {
    let was = voltage
    if !isSource {
      voltage = .zero
      offTime = nil
      question = .none
    } else if was == .zero, offTime == nil {
      voltage = Millivolts(5_000)
    }
    for entry in entries where entry.isSound { take(entry, at: now) }
    if !isSource || offTime.map({ $0 <= now }) ?? false { voltage = .zero }
  }

  private mutating func take(_ entry: ChipBench.LogEntry, at now: Instant) {
    switch entry.signal {
    case .hardReset:
      question = .none
      if voltage > .zero { voltage = Millivolts(5_000) }
    case .packet(.sop, let bytes) where bytes.count >= 6:
      let header = MessageHeader(rawValue: UInt16(bytes[0]) | UInt16(bytes[1]) << 8)
      guard !header.extended else { return question = .none }
      let words = stride(from: 2, to: bytes.count - 7, by: 4).map { index in
        (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
      }
      if header.numberOfDataObjects > 0 {
        takeData(DataMessageType(rawValue: header.messageType), words, from: entry.sender)
      } else {
        takeControl(ControlMessageType(rawValue: header.messageType), from: entry.sender, at: now)
      }
    default: break
    }
  }

  private mutating func takeData(_ type: DataMessageType, _ words: [UInt32], from sender: Side) {
    question = .none
    if type == .sourceCapabilities, sender == side { offer = words }
    guard type == .request, sender != side, let request = words.first else { return }
    let position = Int(request >> 28)
    guard offer.indices.contains(position - 1) else { return }
    let contract = PowerContract(
      request: request, of: SourcePDO(rawValue: offer[position - 1]), isEPR: false)
    if let contract { question = .power(contract.voltage) }
  }

  private mutating func takeControl(_ type: ControlMessageType, from sender: Side, at now: Instant) {
    // GoodCRCs stand between a question and its answer.
    guard type != .goodCRC else { return }
    let asked = question
    question = type == .prSwap ? .powerRoleSwap : .none
    guard type == .accept else { return }
    switch asked {
    case .power(let voltage) where sender == side: self.voltage = voltage
    case .powerRoleSwap: if voltage > .zero { offTime = now + HostSupply.transitionTime }
    default: break
    }
  }

  /// tSrcTransition is 25 to 35 ms (USB-PD R3.2 §6.6).
  private static var transitionTime: Nanoseconds { Nanoseconds(30_000_000) }
}
