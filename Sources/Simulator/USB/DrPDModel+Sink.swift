import Instruments
public import Quantities

// The sink, as a host sees it.

extension DrPDModel {
  /// The sink and the charger in front of it.
  public struct Sink: Sendable {
    /// The objects of the charger, as `SINK:PDO?` words them, without the comma at the end.
    public var objects: [String] = []
    public var outcome = RequestOutcome.accepted
    public internal(set) var state = "DISCONNECTED"
    public internal(set) var contract: String?
    public internal(set) var voltage = Millivolts.zero
    public internal(set) var current = Milliamperes.zero
    var request = "NONE,0,0,0"
    /// When the last request came.
    var requestTime = Microseconds.zero
    /// What comes to pass at a time of the device's clock.
    var pending: (time: Microseconds, index: Int, voltage: Millivolts, current: Milliamperes)?

    public init(objects: [String] = [], outcome: RequestOutcome = .accepted) {
      self.objects = objects
      self.outcome = outcome
    }
  }

  /// From a request to the contract.
  private static var contractTime: Microseconds { Microseconds(250_000) }

  /// What the charger offers; a sink that is attached begins anew.
  public mutating func offer(_ objects: [String], outcome: RequestOutcome = .accepted) {
    sink = Sink(objects: objects, outcome: outcome)
    if role == "SINK", attachment == "ATTACHED" { beginSink() }
  }

  mutating func beginSink() {
    guard !sink.objects.isEmpty else { return }
    sink.state = "PE_SNK_TRANSITION_SINK"
    status |= DrPDStatus.sourceObjects.rawValue | DrPDStatus.sink.rawValue
    sink.pending = (clock + Self.contractTime, 0, Millivolts(5000), Milliamperes(3000))
  }

  /// Brings a request that is due to its end.
  mutating func finishRequest() {
    guard let pending = sink.pending, pending.time <= clock else { return }
    sink.pending = nil
    status |= DrPDStatus.sink.rawValue
    let isFirst = sink.contract == nil
    let asked = "\(pending.index),\(pending.voltage.rawValue),\(pending.current.rawValue)"
    switch isFirst ? .accepted : sink.outcome {
    case .accepted: enter(pending.index, pending.voltage, pending.current)
    case .otherContract: enter(0, Millivolts(5000), Milliamperes(3000))
    case .rejected: sink.state = "PE_SNK_READY"
    case .wait: sink.state = "PE_SNK_READY"
    case .silence: return
    case .error: sink.state = "ERROR"
    }
    switch sink.outcome {
    case .rejected: sink.request = "REJECTED,\(asked)"
    case .wait: sink.request = "WAIT,\(asked)"
    case .error: sink.request = "TIMEOUT,\(asked)"
    default: sink.request = "ACCEPTED,\(asked)"
    }
    if isFirst { sink.request = "NONE,0,0,0" }
  }

  private mutating func enter(_ index: Int, _ voltage: Millivolts, _ current: Milliamperes) {
    sink.state = "PE_SNK_READY"
    sink.contract = sink.objects.indices.contains(index) ? sink.objects[index] : nil
    sink.voltage = voltage
    sink.current = current
    vbus = voltage
  }

  mutating func answerSink(_ header: String, _ parameters: [String]) -> Reply {
    guard role == "SINK" else { return .conflict }
    switch header {
    case "SINK:PDO:COUNT?": return .text("\(sink.contract == nil ? 0 : sink.objects.count)")
    case "SINK:PDO?":
      guard let index = parameters.first.flatMap({ Int($0) }), sink.objects.indices.contains(index) else {
        return .illegalValue
      }
      return .text(sink.objects[index] + (habits.endsObjectsWithComma ? "," : ""))
    case "SINK:PDO": return request(parameters)
    case "SINK:STATUS?":
      let isLate = clock < sink.requestTime + habits.sinkDelay
      return .text(isLate && sink.contract != nil ? "PE_SNK_READY" : sink.state)
    case "SINK:STATUS:PDO?": return .text(sink.contract ?? "NONE")
    case "SINK:STATUS:VOLTAGE?": return .text("\(sink.voltage.rawValue).000000")
    case "SINK:STATUS:CURRENT?": return .text("\(sink.current.rawValue).000000")
    case "SINK:STATUS:ERROR?": return .text(sink.state == "ERROR" ? "1" : "0")
    case "SINK:REQUEST:STATUS?" where habits.isNewer: return .text(sink.request)
    default: return .unknownHeader
    }
  }

  private mutating func request(_ parameters: [String]) -> Reply {
    guard ["DISCONNECTED", "PE_SNK_READY", "PE_SNK_EPR_KEEPALIVE"].contains(sink.state) else {
      return .conflict
    }
    let numbers = parameters.compactMap { Int32($0) }
    guard numbers.count == 3, sink.objects.indices.contains(Int(numbers[0])) else { return .illegalValue }
    sink.state = "PE_SNK_SELECT_CAPABILITY"
    sink.requestTime = clock
    sink.request = "PENDING,\(numbers[0]),\(numbers[1]),\(numbers[2])"
    status |= DrPDStatus.sink.rawValue
    sink.pending = (
      clock + Self.contractTime, Int(numbers[0]), Millivolts(numbers[1]),
      // 0 means the highest.
      Milliamperes(numbers[2] == 0 ? 3000 : numbers[2])
    )
    return .done
  }
}
