import ChargerSettings
import PortEngine
import Quantities
public import Settings
import Simulator

extension Scenario {
  /// Reads a scenario; spec/scenarios.md describes the file.
  /// - Throws: `SettingsFailure` with every mistake.
  public static func read(file: String) throws(SettingsFailure) -> Scenario {
    try YAMLDocument.read(file: file, ScenarioReader.scenario)
  }

  /// Reads the same from text.
  /// - Throws: `SettingsFailure` with every mistake.
  public static func read(_ bytes: [UInt8], file: String) throws(SettingsFailure) -> Scenario {
    try YAMLDocument.read(bytes, file: file, ScenarioReader.scenario)
  }
}

enum ScenarioReader {
  static func scenario(_ value: SettingsValue) -> Scenario? {
    value.mapping { root -> Scenario? in
      let title = root.required("title", hint: "say in one line what the scenario shows").flatMap {
        $0.text()
      }
      let seed = root["seed"].map { $0.integer(in: 0...Int.max) } ?? 1
      let duration = root["duration"].map {
        $0.quantity(Nanoseconds.self, in: Nanoseconds(1_000_000)...Nanoseconds(3_600_000_000_000))
      }
      let ends = root["ends"].map { $0.word(of: [("at contract", true), ("at duration", false)]) } ?? false
      let charger = ChargerReader.charger(root)
      let ports = charger?.ports ?? []
      let phones = links(root, ports)
      let time = (duration ?? nil) ?? Nanoseconds(5_000_000_000)
      let script = ScriptReader(portNames: ports.map(\.name), duration: time)
      let steps = root["script"].map(script.steps) ?? []
      var expectations = root["expect"].map(ExpectationReader(script: script).expectations) ?? []
      let areViolationsAllowed =
        root["violations"].map { $0.word(of: [("allowed", true), ("none", false)]) } ?? false
      if areViolationsAllowed == false {
        expectations.append(Expectation(line: 0, port: nil, moment: .overall, condition: .noViolations))
      }
      expectations.append(Expectation(line: 0, port: nil, moment: .overall, condition: .withinBudget))
      guard let title, let seed, let ends, let charger, phones.count == ports.count else { return nil }
      return Scenario(
        title: title, seed: UInt64(seed), duration: time, endsAtContract: ends, budget: charger.budget,
        links: phones, script: steps, expectations: expectations)
    }
  }

  /// The phones by the ports that they come to; ports without a phone are not simulated.
  private static func links(_ root: SettingsMapping, _ ports: [PortSettings]) -> [ScenarioLink] {
    guard let list = root.required("phones", hint: "give each port a phone") else { return [] }
    var found: [Int: ScenarioLink] = [:]
    let names = ports.enumerated().map { ($0.element.name, $0.offset) }
    for entry in list.list() {
      _ = entry.mapping { mapping -> Bool? in
        let port =
          ports.count == 1
          ? mapping["port"].map { $0.word(of: names) } ?? 0
          : mapping.required("port", hint: "one of \(ports.map(\.name).joined(separator: ", "))")
            .flatMap { $0.word(of: names) }
        let link = link(mapping, ports, port)
        guard let port, let link else { return nil }
        if found[port] != nil { entry.report("the port `\(ports[port].name)` has a phone already") }
        found[port] = link
        return true
      }
    }
    for (index, port) in ports.enumerated() where found[index] == nil && list.list().count < ports.count {
      list.report("the port `\(port.name)` has no phone", hint: "add one, or leave the port out")
    }
    return ports.indices.compactMap { found[$0] }
  }

  private static func link(_ mapping: SettingsMapping, _ ports: [PortSettings], _ port: Int?) -> ScenarioLink?
  {
    let phone = mapping.required("phone", hint: "name a model: pd2, pd3, pps …").flatMap(PhoneReader.phone)
    let cable = mapping["cable"].map(CableReader.cable) ?? Cable(.passive5A)
    let faults = mapping["faults"].map(FaultReader.faults) ?? FaultMix.none
    let misbehaviours = mapping["misbehaves"].map(FaultReader.misbehaviours) ?? MisbehaviourList()
    let chargerMisbehaviours =
      mapping["charger-misbehaves"].map(FaultReader.misbehaviours) ?? MisbehaviourList()
    let plug = mapping["plug"].map { value -> Nanoseconds?? in
      value.isScalar && value.text() == "never" ? .some(nil) : value.quantity(Nanoseconds.self)
    }
    let dualRole = mapping["dual-role"].map {
      $0.word(of: [("willing", DualRole?.some(.willing)), ("reluctant", .some(.reluctant)), ("no", nil)])
    }
    let randomRequests = mapping["random-requests"].map { $0.integer(in: 0...10_000) } ?? 0
    guard let phone, var cable, let faults, let port, let dualRole = dualRole ?? .some(nil),
      let randomRequests,
      ports.indices.contains(port), plug != .some(.none)
    else {
      return nil
    }
    if case .captive = ports[port].cable { cable.kind = .captive }
    return ScenarioLink(
      port: ports[port], cable: cable, phone: phone, phoneMisbehaviours: misbehaviours,
      chargerMisbehaviours: chargerMisbehaviours, faults: faults,
      plugTime: plug.map { $0 ?? nil } ?? Nanoseconds(100_000_000), dualRole: dualRole,
      randomRequests: randomRequests)
  }
}

/// Reads the cable between a port and a phone.
enum CableReader {
  static func cable(_ value: SettingsValue) -> Cable? {
    if value.isScalar { return value.word(of: WordTables.cables).map { Cable($0) } }
    return value.mapping { mapping -> Cable? in
      let kind = mapping.required("kind", hint: "plain, 3 A, 5 A, EPR or active")
        .flatMap { $0.word(of: WordTables.cables) }
      let marker = mapping["marker"].map {
        $0.word(of: [
          ("good", Cable.MarkerBehaviour.good), ("silent", .silent), ("refuses", .refuses),
          ("garbled", .garbled),
        ])
      }
      let isFlipped = mapping["flipped"].map { $0.flag() } ?? false
      guard let kind, let marker = marker ?? .good, let isFlipped else { return nil }
      return Cable(kind, marker: marker, phonePin: isFlipped ? .cc2 : .cc1)
    }
  }
}
