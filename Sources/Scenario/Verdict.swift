import PortEngine
import PowerSupervision
import Quantities
import Settings
import Simulator
import XiaomiCharge

/// What a link is like at a moment, as far as expectations ask.
struct LinkSituation {
  var contract: PowerContract?
  var isEPR: Bool
  var vbus: Millivolts
  var trust: XiaomiStage
  var charge: Percent?

  init(_ link: borrowing Link) {
    contract = link.hasContract ? link.ports[0].engine.contract : nil
    isEPR = link.ports[0].engine.isInEPRMode && link.ports[1].engine.isInEPRMode
    vbus = link.vbus()
    trust = link.trust ?? .standard
    charge = link.ports[1].battery?.charge
  }
}

/// What came of the expectations of a run.
public struct Verdict: Equatable, Sendable {
  public struct Finding: Equatable, Sendable {
    public var expectation: Expectation
    /// Whether it was met; `nil` while that is open.
    public var isMet: Bool?
    /// What was found instead, for a person.
    public var found = ""
  }

  public private(set) var findings: [Finding]
  private let budget: Milliwatts
  private let portCount: Int
  /// How many expectations of the kind `by` are open.
  private var openCount: Int
  private var hardResets: [Int]
  private var softResets: [Int]
  private var refused: [Int]
  private var mostPower = Milliwatts.zero

  init(_ scenario: Scenario) {
    findings = scenario.expectations.map { Finding(expectation: $0) }
    budget = scenario.budget
    portCount = scenario.links.count
    openCount = scenario.expectations.count { if case .by = $0.moment { true } else { false } }
    hardResets = Array(repeating: 0, count: portCount)
    softResets = hardResets
    refused = hardResets
  }

  /// Whether everything that was expected came.
  public var isGood: Bool { findings.allSatisfy { $0.isMet == true } }

  // MARK: During the run

  var awaitsSomething: Bool { openCount > 0 }

  /// The next time at which something is decided.
  var nextMoment: Nanoseconds? {
    findings.compactMap { finding -> Nanoseconds? in
      guard finding.isMet == nil else { return nil }
      switch finding.expectation.moment {
      case .at(let time), .by(let time): return time
      case .overall: return nil
      }
    }.min()
  }

  mutating func observe(_ port: Int, _ situation: LinkSituation) {
    for index in findings.indices where findings[index].isMet == nil {
      guard case .by = findings[index].expectation.moment,
        findings[index].expectation.port == port || portCount == 1,
        findings[index].expectation.condition.holds(situation)
      else { continue }
      findings[index].isMet = true
      openCount -= 1
    }
  }

  /// Decides what is due at `moment`.
  mutating func passMoment(_ moment: Nanoseconds, _ situations: [LinkSituation]) {
    for index in findings.indices where findings[index].isMet == nil {
      switch findings[index].expectation.moment {
      case .at(moment), .by(moment): break
      default: continue
      }
      if case .by = findings[index].expectation.moment { openCount -= 1 }
      let ports = findings[index].expectation.port.map { [$0] } ?? Array(0..<portCount)
      let failing = ports.filter { !findings[index].expectation.condition.holds(situations[$0]) }
      findings[index].isMet = failing.isEmpty
      if let first = failing.first { findings[index].found = situations[first].text }
    }
  }

  mutating func count(_ step: PolicyStep, on port: Int) {
    guard step.from != step.to else { return }
    switch step.to {
    case .srcHardReset, .srcHardResetReceived: hardResets[port] += 1
    case .srcSendSoftReset, .srcSoftReset: softResets[port] += 1
    case .srcCapabilityResponse: refused[port] += 1
    default: break
    }
  }

  mutating func add(contractedPower power: Milliwatts, at time: Instant) {
    mostPower = max(mostPower, power)
  }

  // MARK: Afterwards

  /// - Parameter violations: how many rules were broken on each link.
  mutating func finish(violations: [Int]) {
    for index in findings.indices where findings[index].isMet == nil {
      let port = findings[index].expectation.port
      func total(_ counts: [Int]) -> Int { port.map { counts[$0] } ?? counts.reduce(0, +) }
      switch findings[index].expectation.condition {
      case .hardResets(let most): settle(index, total(hardResets) <= most, "\(total(hardResets))")
      case .softResets(let most): settle(index, total(softResets) <= most, "\(total(softResets))")
      case .refused(let least): settle(index, total(refused) >= least, "\(total(refused))")
      case .withinBudget:
        settle(index, mostPower <= budget, "\(mostPower.settingsText) of \(budget.settingsText)")
      case .noViolations: settle(index, total(violations) == 0, "\(total(violations)) broken")
      default: settle(index, false, "the run ended before")
      }
    }
  }

  private mutating func settle(_ index: Int, _ isMet: Bool, _ found: String) {
    findings[index].isMet = isMet
    findings[index].found = found
  }
}

extension Expectation.Condition {
  /// Whether a momentary condition holds.
  func holds(_ situation: LinkSituation) -> Bool {
    switch self {
    case .contract(let voltage, let current):
      guard let contract = situation.contract, contract.supply != .typeC else { return false }
      return contract.voltage == voltage && contract.current >= current ?? .zero
    case .noContract: return situation.contract == nil
    case .power(let power):
      guard let contract = situation.contract, contract.supply != .typeC else { return false }
      return contract.power >= power
    case .trust(let stage): return situation.trust >= stage
    case .charge(let charge): return situation.charge.map { $0 >= charge } ?? false
    case .eprMode: return situation.isEPR
    case .vbus(let low, let high): return situation.vbus >= low && situation.vbus <= high
    default: return false
    }
  }
}

extension LinkSituation {
  /// `contract 9 V 3 A, VBUS 9.02 V`.
  var text: String {
    let contract =
      contract.map { "contract \($0.voltage.settingsText) \($0.current.settingsText)" } ?? "no contract"
    let trust = trust == .standard ? "" : ", trust \(trust)"
    let charge = charge.map { ", battery at \($0.rawValue) %" } ?? ""
    return "\(contract)\(isEPR ? ", EPR mode" : ""), VBUS \(vbus.settingsText)\(trust)\(charge)"
  }
}
