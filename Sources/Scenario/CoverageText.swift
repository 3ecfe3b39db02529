public import PortEngine
import PowerDelivery
public import Simulator

/// Which steps of the policy engines were seen, as tables for a person.
public enum CoverageText {
  /// One line for each state that was left at least once: how often, and by what.
  public static func table(_ coverage: Coverage, _ side: Side) -> [String] {
    states.compactMap { state in
      let row = stimuli(coverage, side, state)
      guard !row.isEmpty else { return nil }
      let total = row.reduce(0) { $0 + Int($1.count) }
      let detail = row.map { "\(name($0.stimulus)) \($0.count)" }.joined(separator: ", ")
      return pad("\(state.name)", 38) + padLeft("\(total)", 10) + "  " + detail
    }
  }

  /// What moved a side from a state, in the order of the codes, with how often.
  public static func stimuli(
    _ coverage: Coverage, _ side: Side, _ state: PolicyState
  ) -> [(stimulus: PolicyStimulus, count: UInt32)] {
    (UInt8.min...UInt8.max).compactMap { code in
      let stimulus = PolicyStimulus(rawValue: code)
      let count = coverage.hits(side, state, stimulus)
      return count > 0 ? (stimulus, count) : nil
    }
  }

  /// States that were never left, by the reason why.
  public static func unvisited(_ coverage: Coverage, _ side: Side) -> [(
    reason: String, states: [PolicyState]
  )] {
    var reasons: [(reason: String, states: [PolicyState])] = []
    for state in states where stimuli(coverage, side, state).isEmpty {
      let reason = self.reason(state, side)
      if let index = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[index].states.append(state)
      } else {
        reasons.append((reason, [state]))
      }
    }
    return reasons
  }

  /// Every state that there is.
  public static var states: [PolicyState] {
    (0..<UInt8(PolicyState.count)).compactMap(PolicyState.init(rawValue:))
  }

  /// Why a state may be out of reach.
  private static func reason(_ state: PolicyState, _ side: Side) -> String {
    let name = "\(state.name)"
    let otherRole = side == .charger ? "SNK" : "SRC"
    if name.hasPrefix("PE_PRS_") || name.hasPrefix("PE_DR_") { return "needs a dual-role port" }
    if name.hasPrefix("PE_\(otherRole)_") {
      return side == .charger ? "a charger that is a source only" : "a phone that is a sink only"
    }
    if name.contains("EPR") { return "needs EPR on both sides, or an entry that fails" }
    if name.hasPrefix("PE_DRS_") { return "needs a Data Role Swap" }
    if name.hasPrefix("PE_VCS_") { return "needs a VCONN Swap" }
    if name.hasPrefix("PE_BIST_") { return "needs a tester" }
    if name.contains("VDM") { return "needs Vendor_Defined messages to this side" }
    return "nothing in this scenario leads there"
  }

  /// What moved the engine, by the standard's names.
  public static func name(_ stimulus: PolicyStimulus) -> String {
    switch stimulus.rawValue {
    case 0..<32: named(MessageKind.control(ControlMessageType(rawValue: stimulus.rawValue)))
    case 32..<64: named(MessageKind.data(DataMessageType(rawValue: stimulus.rawValue & 31)))
    case 64..<96: named(MessageKind.extended(ExtendedMessageType(rawValue: stimulus.rawValue & 31)))
    case 96..<160: PortTimer(rawValue: stimulus.rawValue - 96).map { "\($0.name)" } ?? "timer"
    case 160..<192: PortRequest.Kind(rawValue: stimulus.rawValue - 160).map { "request \($0)" } ?? "request"
    default: others.first { $0.0 == stimulus }?.1 ?? "code \(stimulus.rawValue)"
    }
  }

  private static func named(_ kind: MessageKind) -> String { kind.name.map { "\($0)" } ?? "reserved message" }

  private static let others: [(PolicyStimulus, String)] = [
    (.sent, "sent"), (.failed, "not acknowledged"), (.discarded, "discarded"),
    (.hardResetReceived, "Hard Reset received"), (.hardResetSent, "Hard Reset sent"),
    (.supplyReady, "supply ready"), (.supplySafe0V, "supply at vSafe0V"), (.supplyFault, "supply fault"),
    (.vbusPresent, "VBUS present"), (.vbusGone, "VBUS gone"), (.attached, "attached"),
    (.detached, "detached"),
    (.decision, "decision"), (.errorRecovery, "ErrorRecovery"), (.chunkError, "chunk error"),
  ]

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func padLeft(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
