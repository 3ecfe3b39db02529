import Quantities
import Settings
import XiaomiCharge

/// Reads what must come of a run.
struct ExpectationReader {
  let script: ScriptReader

  func expectations(_ value: SettingsValue) -> [Expectation] {
    value.list().compactMap { entry in entry.mapping { expectation(entry, $0) } }
  }

  private func expectation(_ value: SettingsValue, _ mapping: SettingsMapping) -> Expectation? {
    let limit = Nanoseconds.zero...script.duration
    let by = mapping["by"].map { $0.quantity(Nanoseconds.self, in: limit) }
    let at = mapping["at"].map { $0.quantity(Nanoseconds.self, in: limit) }
    var port: Int?
    if mapping.has("port") || script.portNames.count == 1 {
      guard let found = script.port(mapping) else { return nil }
      port = found
    }
    guard let condition = condition(value, mapping), by != .some(nil), at != .some(nil) else { return nil }
    let moment: Expectation.Moment
    switch (by ?? nil, at ?? nil) {
    case (let time?, nil): moment = .by(time)
    case (nil, let time?): moment = .at(time)
    case (nil, nil): moment = .overall
    default:
      value.report(
        "`by` and `at` exclude each other", hint: "`by` means at some time before, `at` exactly then")
      return nil
    }
    guard condition.isMomentary == (moment != .overall) else {
      value.report(
        condition.isMomentary ? "this needs a moment" : "this is counted over the whole run",
        hint: condition.isMomentary ? "add `by: 2 s` or `at: 2 s`" : "leave `by` and `at` out")
      return nil
    }
    return Expectation(line: value.line, port: port, moment: moment, condition: condition)
  }

  private func condition(_ value: SettingsValue, _ mapping: SettingsMapping) -> Expectation.Condition? {
    if let contract = mapping["contract"] { return self.contract(contract) }
    if let epr = mapping["epr"] { return epr.flag().map { _ in .eprMode } }
    if let vbus = mapping["vbus"] { return self.vbus(vbus) }
    if let power = mapping["power"] { return power.quantity().map { .power($0) } }
    if let charge = mapping["charge"] { return charge.quantity().map { .charge($0) } }
    if let trust = mapping["trust"] {
      return trust.word(of: [
        ("standard", .trust(.standard)), ("verified", .trust(.verified)), ("mutual", .trust(.mutual)),
      ])
    }
    if let count = mapping["hard-resets"] { return count.integer(in: 0...100_000).map { .hardResets($0) } }
    if let count = mapping["soft-resets"] { return count.integer(in: 0...100_000).map { .softResets($0) } }
    if let count = mapping["refused"] { return count.integer(in: 1...100_000).map { .refused($0) } }
    value.report(
      "nothing is expected here",
      hint: "give one of contract, power, trust, charge, epr, vbus, hard-resets, soft-resets, refused")
    return nil
  }

  /// `none`, `9 V`, or `9 V 2.5 A` for at least so much current.
  private func contract(_ value: SettingsValue) -> Expectation.Condition? {
    if value.isScalar, value.text() == "none" { return .noContract }
    guard let amounts = value.amounts(example: "9 V 2 A") else { return nil }
    let voltage = try? Millivolts.amount(amounts[0].lower, unit: amounts[0].unit)
    let current = amounts.count > 1 ? try? Milliamperes.amount(amounts[1].lower, unit: amounts[1].unit) : nil
    guard let voltage, amounts.count <= 2, amounts.count == 1 || current != nil,
      !amounts.contains(where: \.isRange)
    else {
      value.report(
        "a voltage, or a voltage and a current, are expected here", hint: "write `9 V 2 A` or `none`")
      return nil
    }
    return .contract(voltage, current)
  }

  private func vbus(_ value: SettingsValue) -> Expectation.Condition? {
    guard let amounts = value.amounts(example: "4.75–5.5 V") else { return nil }
    guard amounts.count == 1, let low = try? Millivolts.amount(amounts[0].lower, unit: amounts[0].unit),
      let high = try? Millivolts.amount(amounts[0].upper, unit: amounts[0].unit), amounts[0].isRange,
      low <= high
    else {
      value.report("a range of voltages is expected here", hint: "write for example `4.75–5.5 V`")
      return nil
    }
    return .vbus(low, high)
  }
}

extension Expectation.Condition {
  /// Whether it holds or not at a moment; otherwise it is counted over the whole run.
  var isMomentary: Bool {
    switch self {
    case .contract, .noContract, .power, .trust, .charge, .eprMode, .vbus: true
    case .hardResets, .softResets, .refused, .withinBudget, .noViolations: false
    }
  }
}
