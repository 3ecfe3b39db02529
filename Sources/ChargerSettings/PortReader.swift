import PortEngine
import PowerDelivery
import Quantities
import Settings

/// Reads one port of a charger.
struct PortReader {
  static func read(_ value: SettingsValue) -> PortSettings? {
    value.mapping { port -> PortSettings? in
      let name = port.required("name", hint: "give the port a name of its own").flatMap(readName)
      let cable = port["cable"].map(readCable) ?? .receptacle
      let vconn = port["vconn"].map { $0.flag() } ?? true
      let pdp = port["pdp"].map {
        $0.quantity(Milliwatts.self, in: Milliwatts(500)...Milliwatts(240_000))
      }
      let reach = reach(cable ?? .receptacle, suppliesVCONN: vconn ?? true)
      let offer = readOffer(port, pdp: pdp ?? nil, reach: reach)
      guard let name, let cable, let vconn else {
        _ = readRest(
          port, into: PortSettings(name: "", offer: offer ?? StandardOffer.offer(pdp: Milliwatts(15_000))))
        return nil
      }
      // The other keys are read whatever is wrong with the offer, so that their mistakes are found too.
      var settings = PortSettings(name: name, offer: offer ?? StandardOffer.offer(pdp: Milliwatts(15_000)))
      settings.cable = cable
      settings.suppliesVCONN = vconn
      settings = readRest(port, into: settings)
      return offer == nil ? nil : settings
    }
  }

  private static func readName(_ value: SettingsValue) -> String? {
    guard let name = value.text() else { return nil }
    let isPlain = name.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        || "-_.".unicodeScalars.contains(scalar)
    }
    guard isPlain, name.count <= 32 else {
      value.report("`\(name)` is no name for a port", hint: "use up to 32 letters, digits, `-`, `_` and `.`")
      return nil
    }
    return name
  }

  private static func readCable(_ value: SettingsValue) -> CableSettings? {
    if value.isScalar {
      return value.word(of: [
        ("receptacle", .receptacle), ("captive", .captive(current: Milliamperes(3_000), isEPR: false)),
      ])
    }
    return value.mapping { cable -> CableSettings? in
      guard let captive = cable.required("captive", hint: "write `captive: {current: 5 A}`") else {
        return nil
      }
      return captive.mapping { captive -> CableSettings? in
        let current = captive["current"].map {
          $0.quantity(Milliamperes.self, in: Milliamperes(1_500)...Milliamperes(5_000))
        }
        let isEPR = captive["epr"].map { $0.flag() }
        guard let current = current ?? Milliamperes(3_000), let isEPR = isEPR ?? false else { return nil }
        if isEPR, current < Milliamperes(5_000) {
          captive.value.report("an EPR cable carries 5 A", hint: "write `current: 5 A`")
        }
        return .captive(current: current, isEPR: isEPR)
      }
    }
  }

  /// What may be offered through this cable (USB-PD R3.2 §10.2.3: more than 3 A only through a cable that is known to
  /// carry 5 A).
  private static func reach(_ cable: CableSettings, suppliesVCONN: Bool) -> OfferReader.Reach {
    switch cable {
    case .captive(let current, let isEPR):
      OfferReader.Reach(
        currentLimit: current, allowsEPR: isEPR,
        reason: "the captive cable carries \(current.settingsText)\(isEPR ? "" : " and is not built for EPR")"
      )
    case .receptacle where suppliesVCONN:
      OfferReader.Reach(currentLimit: Milliamperes(5_000), allowsEPR: true, reason: "")
    case .receptacle:
      OfferReader.Reach(
        currentLimit: Milliamperes(3_000), allowsEPR: false,
        reason: "without VCONN no e-marker is read, and a cable without e-marker carries 3 A")
    }
  }

  private static func readOffer(
    _ port: SettingsMapping, pdp: Milliwatts?, reach: OfferReader.Reach
  ) -> PowerOffer? {
    if let value = port["offer"] { return OfferReader(pdp: pdp, reach: reach).read(value) }
    guard let pdp else {
      if !port.has("pdp") {
        _ = port.required("offer", hint: "give `offer`, or `pdp` for the standard's own list")
      }
      return nil
    }
    let offer = StandardOffer.offer(pdp: pdp)
    if offer.highestCurrent > reach.currentLimit || offer.isEPR && !reach.allowsEPR {
      port["pdp"]?.report(
        "the standard's list for \(pdp.settingsText) cannot be offered here: \(reach.reason)",
        hint: "lower `pdp`, or fit another cable")
    }
    return offer
  }

  private static func readRest(_ port: SettingsMapping, into settings: PortSettings) -> PortSettings {
    var settings = settings
    if let rp = port["rp"]?.word(of: [
      ("default", RpCurrent.usbDefault), ("1.5 A", .current1500), ("3 A", .current3000),
    ]) {
      settings.rp = rp
    }
    if let priority = port["priority"]?.integer(in: 0...100) { settings.priority = priority }
    if let value = port["minimum"], let minimum = value.quantity(Milliwatts.self) {
      settings.minimum = minimum
      if minimum > settings.offer.pdp {
        value.report(
          "the minimum of \(minimum.settingsText) is more than the port's \(settings.offer.pdp.settingsText)")
      } else if minimum < Milliwatts(2_500) {
        value.report("the minimum is below 2.5 W", hint: "a USB-C port gives at least 5 V 0.5 A")
      }
    }
    if let temperature = port["temperature"] {
      settings.temperature = temperature.mapping(readTemperature) ?? settings.temperature
    }
    if let stage = port["stage"] { settings.stage = readStage(stage, settings) }
    if let visits = port["simulated"] {
      settings.visits = PhoneReader.visits(visits)
    }
    return settings
  }

  private static func readStage(_ value: SettingsValue, _ settings: PortSettings) -> StageRating {
    var rating = settings.stage
    _ = value.mapping { stage -> Bool? in
      if let value = stage["voltage"], let voltage = value.quantity(Millivolts.self) {
        rating.voltage = voltage
        if voltage < settings.offer.highestVoltage || voltage > Millivolts(50_000) {
          value.report(
            "the stage's \(voltage.settingsText) do not fit the offer's \(settings.offer.highestVoltage.settingsText)"
          )
        }
      }
      if let value = stage["current"], let current = value.quantity(Milliamperes.self) {
        rating.current = current
        if current < settings.offer.highestCurrent || current > Milliamperes(5_000) {
          value.report(
            "the stage's \(current.settingsText) do not fit the offer's \(settings.offer.highestCurrent.settingsText)"
          )
        }
      }
      if let value = stage["power"], let power = value.quantity(Milliwatts.self) {
        rating.power = power
        if power < settings.offer.pdp || power > Milliwatts(250_000) {
          value.report(
            "the stage's \(power.settingsText) do not fit the port's \(settings.offer.pdp.settingsText)")
        }
      }
      return true
    }
    return rating
  }

  private static func readTemperature(_ mapping: SettingsMapping) -> TemperatureLimits? {
    var limits = TemperatureLimits()
    let range = DegreesCelsius(30)...DegreesCelsius(150)
    if let warning = mapping["warning"]?.quantity(in: range) { limits.warning = warning }
    if let value = mapping["shutdown"], let shutdown = value.quantity(DegreesCelsius.self, in: range) {
      limits.shutdown = shutdown
      if limits.shutdown <= limits.warning {
        value.report("the shutdown must lie above the warning of \(limits.warning.settingsText)")
      }
    }
    return limits
  }
}
