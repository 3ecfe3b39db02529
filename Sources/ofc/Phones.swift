import ArgumentParser
import ChargerSettings
import Foundation
import Quantities
import Scenario
import Settings
import Simulator
import Trace
import XiaomiCharge
import XiaomiKeys

/// `ofc phones`: what every kind of phone comes to on a port.
struct Phones: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Charges every kind of phone on a port and shows what it comes to.",
    discussion: """
      Each phone model is plugged into the simulated port and charged in virtual time until it is full: the contract of
      most power and how soon it was there, what was drawn, and how long charging took. Phones with Xiaomi's protocol
      are tried with the charger's keys right, wrong and missing. Without a configuration the port is a charger of
      --class with a fixed cable of 6.2 A and the invented keys of the test vectors.

      examples
        ofc phones
        ofc phones --class 67W --charge 50
        ofc phones hardware/serve/xiaomi-car-charger.yaml --port driver --json
      """)

  @Argument(help: "A configuration of `ofc serve`.", completion: .file(extensions: ["yaml"])) var config:
    String?
  @Option(help: ArgumentHelp("The port of the configuration; the first one without it.", valueName: "name"))
  var port: String?
  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("Without a configuration: 27W, 33W, 67W, 90W or 120W.", valueName: "power"))
  var powerClass = "120W"
  @Option(help: ArgumentHelp("How full each battery is at first, in per cent.", valueName: "per cent"))
  var charge = 20
  @Option(help: ArgumentHelp("Seed of the simulated world.", valueName: "number")) var seed: UInt64 = 1
  @Flag(help: "One JSON object a line.") var json = false

  func validate() throws {
    guard (0...99).contains(charge) else { throw ValidationError("--charge must be from 0 to 99.") }
    guard Phones.classes[powerClass.uppercased()] != nil else {
      throw ValidationError("--class must be one of 27W, 33W, 67W, 90W, 120W.")
    }
    guard config != nil || port == nil else { throw ValidationError("--port needs a configuration.") }
  }

  private static let classes: [String: XiaomiPowerClass] = [
    "27W": .watts27, "33W": .watts33, "67W": .watts67, "90W": .watts90, "120W": .watts120,
  ]

  func run() throws {
    let port = try readPort()
    let source = port.xiaomi?.keys ?? .none
    let keys: KeyRing
    do {
      keys = try KeyRing([source])
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.unusableArgument
    }
    let table = PhoneTable(port: port, keys: source, charge: Percent(Int32(charge)))
    var output = Output()
    if !json {
      output.line(
        "port \(port.name), \(port.xiaomi == nil ? "" : "Xiaomi's protocol, ")up to \(port.highestPower.settingsText); "
          + "batteries from \(charge) %\n\n" + OutcomeText.heading)
      output.flush()
    }
    for row in table.rows {
      let outcome = row.trial.run(keys: keys, seed: seed)
      output.line(json ? OutcomeText.json(row, outcome) : OutcomeText.line(row, outcome))
      output.flush()
    }
  }

  private func readPort() throws -> PortSettings {
    guard let config else { return try builtIn() }
    do {
      let settings = try ChargerSettings.read(file: config)
      guard let name = port else { return settings.ports[0] }
      guard let found = settings.ports.first(where: { $0.name == name }) else {
        let names = settings.ports.map(\.name).joined(separator: ", ")
        Output.complain("\(config): there is no port `\(name)`; there are \(names)")
        throw ExitStatus.unusableArgument
      }
      return found
    } catch let error as SettingsFailure {
      for mistake in error.errors { Output.complain("\(mistake)") }
      throw error.kind == .unreadable ? ExitStatus.unusableFile : ExitStatus.unusableArgument
    }
  }

  private func builtIn() throws -> PortSettings {
    let text = """
      ports:
        - name: charger
          cable: {captive: {current: 6.2 A}}
          xiaomi: {class: \(powerClass.uppercased().replacing("W", with: " W")), adapter: 0xA819, keys: synthetic}
      """
    return try ChargerSettings.read(Array(text.utf8), file: "built-in charger").ports[0]
  }
}

/// The lines of the table.
private enum OutcomeText {
  static let heading =
    pad("phone", 19) + pad("keys", 7) + pad("trust", 10) + pad("best contract", 21) + pad("drawn", 8)
    + pad("there in", 11) + pad("80 % in", 12) + "full in"

  static func line(_ row: PhoneTable.Row, _ outcome: ChargeTrial.Outcome) -> String {
    let contract =
      outcome.best.map {
        "\(NoticeText.supply($0.supply)) \(fixed($0.voltage.rawValue, 2)) V \(fixed($0.current.rawValue, 2)) A"
      } ?? "none"
    var line = pad(name(row.phone), 19)
    line += pad(row.trial.port.xiaomi == nil || row.phone.model != .xiaomi ? "–" : row.keys.rawValue, 7)
    line += pad(row.phone.model == .xiaomi ? outcome.trust.map { "\($0)" } ?? "–" : "–", 10)
    line += pad(contract, 21) + pad("\(fixed(outcome.drawn.rawValue, 0)) W", 8)
    line += pad(outcome.bestAfter.map(\.spanText) ?? "–", 11)
    line += pad(outcome.to80.map(minutes) ?? "–", 12) + (outcome.toFull.map(minutes) ?? "–")
    return outcome.violations == 0 ? line : line + "  \(outcome.violations) rules broken"
  }

  static func json(_ row: PhoneTable.Row, _ outcome: ChargeTrial.Outcome) -> String {
    var text = JSONText()
    text.object { json in
      json.field("type", "phone" as StaticString)
      json.field("phone", name(row.phone))
      json.field("keys", row.keys.rawValue)
      if let trust = outcome.trust { json.field("trust", "\(trust)") }
      if let best = outcome.best {
        json.field("supply", NoticeText.supply(best.supply))
        json.field("voltage_mv", best.voltage.rawValue)
        json.field("current_ma", best.current.rawValue)
      }
      json.field("drawn_mw", outcome.drawn.rawValue)
      if let time = outcome.bestAfter { json.field("best_after_ns", time.rawValue) }
      if let time = outcome.to80 { json.field("to_80_ns", time.rawValue) }
      if let time = outcome.toFull { json.field("to_full_ns", time.rawValue) }
      json.field("violations", outcome.violations)
    }
    return text.text
  }

  private static func name(_ phone: PhoneSettings) -> String {
    phone.model == .xiaomi ? "xiaomi \(phone.xiaomi.family.rawValue)" : phone.model.rawValue
  }

  /// `12 min 05 s`.
  private static func minutes(_ span: Nanoseconds) -> String {
    let seconds = span.rawValue / 1_000_000_000
    let rest = seconds % 60
    return "\(seconds / 60) min \(rest < 10 ? "0" : "")\(rest) s"
  }

  /// Thousandths with so many decimals, rounded.
  private static func fixed(_ thousandths: Int32, _ places: Int) -> String {
    String(format: "%.\(places)f", Double(thousandths) / 1_000)
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
