import PowerSupervision
import Quantities
public import Settings

extension ChargerSettings {
  /// Reads the configuration of a charger; spec/serve-config.md describes the file.
  /// - Throws: `SettingsFailure` with every mistake.
  public static func read(file: String) throws(SettingsFailure) -> ChargerSettings {
    try YAMLDocument.read(file: file, ChargerReader.charger)
  }

  /// Reads the same from text.
  /// - Throws: `SettingsFailure` with every mistake.
  public static func read(_ bytes: [UInt8], file: String) throws(SettingsFailure) -> ChargerSettings {
    try YAMLDocument.read(bytes, file: file, ChargerReader.charger)
  }
}

/// Reads a charger: its budget and its ports.
public enum ChargerReader {
  /// The whole file of the daemon.
  static func charger(_ value: SettingsValue) -> ChargerSettings? {
    value.mapping { root in
      let log = root["log"].map { $0.word(ChargerSettings.LogWord.self) } ?? .notice
      let isJSON = root["json"].map { $0.flag() } ?? false
      guard var settings = charger(root), let log, let isJSON else { return nil }
      settings.logLevel = log
      settings.isJSON = isJSON
      return settings
    }
  }

  /// The keys `budget` and `ports` of a mapping.
  public static func charger(_ root: SettingsMapping) -> ChargerSettings? {
    let budgetValue = root["budget"]
    let budget = budgetValue.map {
      $0.quantity(Milliwatts.self, in: Milliwatts(2_500)...Milliwatts(1_000_000))
    }
    guard let list = root.required("ports", hint: "give at least one port") else { return nil }
    let values = list.list()
    if values.isEmpty, list.isList { list.report("there are no ports", hint: "give at least one") }
    if values.count > mostPorts {
      list.report("there are \(values.count) ports", hint: "at most \(mostPorts) are served by one process")
    }
    let ports = values.prefix(mostPorts).map { ($0, PortReader.read($0)) }
    var names: Set<String> = []
    for (value, port) in ports {
      guard let port, !names.insert(port.name).inserted else { continue }
      value.report("the name `\(port.name)` is given to two ports", hint: "names tell ports apart in the log")
    }
    let settings = ports.compactMap { $0.1 }
    let sum = settings.reduce(Milliwatts.zero) { $0 + $1.minimum }
    let all = settings.reduce(Milliwatts.zero) { $0 + $1.highestPower }
    if let budgetValue, let budget, let budget, budget < sum {
      budgetValue.report(
        "the budget of \(budget.settingsText) does not cover the minimum of all ports, \(sum.settingsText)",
        hint: "raise the budget, or lower the ports' `minimum`")
    }
    guard settings.count == ports.count, !settings.isEmpty, let budget = budget ?? all else { return nil }
    return ChargerSettings(budget: budget, ports: settings)
  }

  /// What a budget is shared among; each port has a thread of its own.
  static let mostPorts = PowerBudget.capacity
}
