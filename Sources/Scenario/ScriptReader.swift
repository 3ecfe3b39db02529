import PortEngine
import PowerDelivery
import Quantities
import Settings
import Simulator

/// Reads what happens when.
struct ScriptReader {
  let portNames: [String]
  let duration: Nanoseconds

  /// What a step can do, beside `WordTables.requests`.
  private enum Deed: Equatable {
    case plain(LinkAction)
    case request(PortRequest)
    case noise, lose, faults, want, heat, breakStage, repairStage
  }

  private static let deeds: [(String, Deed)] =
    [
      ("plug in", .plain(.plugIn)), ("unplug", .plain(.unplug)), ("flip", .plain(.flip)),
      ("break CC", .plain(.setCCWire(isWhole: false))), ("mend CC", .plain(.setCCWire(isWhole: true))),
      ("break VBUS", .plain(.setVBUSWire(isWhole: false))),
      ("mend VBUS", .plain(.setVBUSWire(isWhole: true))),
      ("noise", .noise), ("lose", .lose), ("faults", .faults), ("want", .want), ("heat", .heat),
      ("break stage", .breakStage), ("repair stage", .repairStage),
    ] + WordTables.requests.map { ($0.0, Deed.request($0.1)) }

  func steps(_ value: SettingsValue) -> [ScriptStep] {
    value.list().compactMap { entry in
      entry.mapping { step -> ScriptStep? in
        let time = step.required("at", hint: "write for example `at: 1 s`")
          .flatMap { $0.quantity(Nanoseconds.self, in: .zero...duration) }
        let link = port(step)
        let deed = step.required("do", hint: "say what happens, such as `do: unplug`")
          .flatMap { $0.word(of: ScriptReader.deeds) }
        guard let deed, let action = action(deed, step), let time, let link else { return nil }
        return ScriptStep(time: time, link: link, action: action)
      }
    }
  }

  /// The port of a step: the only one where there is one.
  func port(_ mapping: SettingsMapping) -> Int? {
    let names = portNames.enumerated().map { ($0.element, $0.offset) }
    if portNames.count == 1 { return mapping["port"].map { $0.word(of: names) } ?? 0 }
    return mapping.required("port", hint: "one of \(portNames.joined(separator: ", "))")
      .flatMap { $0.word(of: names) }
  }

  private func action(_ deed: Deed, _ step: SettingsMapping) -> LinkAction? {
    switch deed {
    case .plain(let action): return action
    case .request(let request): return side(step).map { .request($0, request) }
    case .breakStage: return side(step).map(LinkAction.breakStage)
    case .repairStage: return side(step).map(LinkAction.repairStage)
    case .noise:
      return step.required("for", hint: "write `for: 2 ms`").flatMap { $0.quantity() }.map(LinkAction.noise)
    case .faults: return step.required("faults").flatMap(FaultReader.faults).map(LinkAction.setFaults)
    case .heat:
      let temperature = step.required("to", hint: "write `to: 90 °C`").flatMap {
        $0.quantity(DegreesCelsius.self, in: DegreesCelsius(-40)...DegreesCelsius(200))
      }
      guard let side = side(step), let temperature else { return nil }
      return .setAmbient(side, temperature)
    case .lose: return lost(step)
    case .want: return want(step)
    }
  }

  private func side(_ step: SettingsMapping) -> Side? {
    step.required("by", hint: "charger or phone").flatMap { $0.word(of: WordTables.sides) }
  }

  /// Packets that are damaged on the way: `{do: lose, message: GoodCRC, from: phone, skip: 2, count: 3}`.
  private func lost(_ step: SettingsMapping) -> LinkAction? {
    let message = step["message"].map { $0.word(of: WordTables.messages) }
    let station = step["from"].map { $0.word(of: WordTables.stations) }
    let skip = step["skip"].map { $0.integer(in: 0...100_000) } ?? 0
    let count = step["count"].map { $0.integer(in: 1...100_000) } ?? 1
    guard let message = message ?? .some(nil), let station = station ?? .some(nil), let skip, let count else {
      return nil
    }
    return .scriptFault(ScriptedFault(.damage, station: station, kind: message, skip: skip, count: count))
  }

  /// The phone changes its mind: `{do: want, voltage: 8.4 V, current: 2 A, as: pps}`.
  private func want(_ step: SettingsMapping) -> LinkAction? {
    let voltage = step.required("voltage").flatMap {
      $0.quantity(Millivolts.self, in: Millivolts(3_300)...Millivolts(48_000))
    }
    let current = step["current"].map { $0.quantity(Milliamperes.self) } ?? Milliamperes(3_000)
    let kind = step["as"].map { $0.word(of: [("fixed", 0), ("pps", 1), ("avs", 2)]) } ?? 0
    guard let voltage, let current, let kind else { return nil }
    let power = Milliwatts(Int32(clamping: Int64(voltage.rawValue) * Int64(current.rawValue) / 1_000))
    let strategy: SinkStrategy =
      switch kind {
      case 1: .pps(voltage: voltage, current: current)
      case 2: .avs(voltage: voltage, current: current)
      default: .fixed(maximumVoltage: voltage)
      }
    return .want(strategy, power)
  }
}
