public import PowerDelivery
public import Quantities

/// How a contract came about: what was offered, asked for, answered and switched.
public struct Contract: Equatable, Sendable {
  /// When the capabilities that the request refers to were sent; `nil` where they were not seen.
  public var offeredAt: Nanoseconds?
  public var request: RequestBody
  public var requestedAt: Nanoseconds
  public var answer = Answer.none
  public var answeredAt: Nanoseconds?
  /// When the source said PS_RDY; `nil` before that.
  public var activeAt: Nanoseconds?

  public enum Answer: String, Sendable {
    case none = "not answered"
    case accepted, rejected
    case wait = "told to wait"
  }

  public var isActive: Bool { activeAt != nil }

  /// `PPS 9.00 V 2.55 A (object 6)`.
  public var summary: String { request.summary }

  /// `offered at 0.1 s, requested after 3.10 ms, accepted after 2.00 ms, active after 120 ms`.
  public var history: String {
    var parts: [String] = []
    if let offeredAt {
      parts.append("offered at \(offeredAt.secondsText) s")
      parts.append("requested after \((requestedAt - offeredAt).spanText)")
    } else {
      parts.append("requested at \(requestedAt.secondsText) s (offer not seen)")
    }
    if let answeredAt {
      parts.append("\(answer.rawValue) after \((answeredAt - requestedAt).spanText)")
    } else {
      parts.append(answer.rawValue)
    }
    if let activeAt, let answeredAt { parts.append("active after \((activeAt - answeredAt).spanText)") }
    return parts.joined(separator: ", ")
  }
}

/// Follows offers, requests and answers through a conversation.
struct ContractFollower {
  /// The contract in force.
  private(set) var current: Contract?
  /// The request that is not settled yet.
  private(set) var pending: Contract?
  private(set) var contractCount = 0
  private(set) var rejectedCount = 0
  /// The first contracts and the last ones; the middle of a long PPS session is counted only.
  private(set) var first: [Contract] = []
  private(set) var last: [Contract] = []
  /// Whether the conversation was under way when the recording began, so that a contract may have been in force.
  private(set) var beganLate = false
  private var sawReset = false
  /// Whether there was any message between the ports.
  private(set) var sawMessage = false
  private var offeredAt: Nanoseconds?

  /// Takes the next message; retries and damaged packets are left out by the caller.
  mutating func follow(_ message: Message, _ body: MessageBody, at time: Nanoseconds) {
    if message.orderedSet == .sop && !sawMessage && !message.isGoodCRC {
      sawMessage = true
      beganLate = !sawReset && !body.canBeginConversation
    }
    switch body {
    case .sourceCapabilities, .eprSourceCapabilities: offeredAt = time
    case .request(let request), .eprRequest(let request):
      pending = Contract(offeredAt: offeredAt, request: request, requestedAt: time)
    case .control(.accept): answer(.accepted, at: time)
    case .control(.reject): answer(.rejected, at: time)
    case .control(.wait): answer(.wait, at: time)
    case .control(.psRDY): activate(at: time)
    default: break
    }
  }

  /// Takes a repetition: of an offer, the copy that arrives is the one that is answered.
  mutating func followRetry(_ body: MessageBody, at time: Nanoseconds) {
    switch body {
    case .sourceCapabilities, .eprSourceCapabilities: offeredAt = time
    default: break
    }
  }

  /// Hard Reset or detach: the contract is gone.
  mutating func reset() {
    current = nil
    pending = nil
    offeredAt = nil
    if !sawMessage { sawReset = true }
  }

  private mutating func answer(_ answer: Contract.Answer, at time: Nanoseconds) {
    guard var contract = pending, contract.answer == .none else { return }
    contract.answer = answer
    contract.answeredAt = time
    if answer == .accepted {
      pending = contract
    } else {
      rejectedCount += 1
      pending = nil
      keep(contract)
    }
  }

  private mutating func activate(at time: Nanoseconds) {
    guard var contract = pending, contract.answer == .accepted else { return }
    contract.activeAt = time
    current = contract
    pending = nil
    contractCount += 1
    keep(contract)
    // What follows within the same offer is a new request, not a new offer.
    offeredAt = nil
  }

  private mutating func keep(_ contract: Contract) {
    if first.count < 4 {
      first.append(contract)
    } else {
      last.append(contract)
      if last.count > 4 { last.removeFirst() }
    }
  }
}

extension MessageBody {
  /// Whether a conversation can begin with this message (on SOP): an offer, a reset or a question for one.
  fileprivate var canBeginConversation: Bool {
    switch self {
    case .sourceCapabilities, .control(.softReset), .control(.getSourceCap): true
    default: false
    }
  }
}
