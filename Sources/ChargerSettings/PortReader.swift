import PortEngine
import PowerDelivery
import Quantities
import Settings

/// Reads one port of a charger.
struct PortReader {
  static func read(_ value: SettingsValue) -> PortSettings? {
    value.mapping { port -> PortSettings? in
      let name = port.required("name", hint: "give the port a name of its own").flatMap(readName)
      let speaksXiaomi = port.has("xiaomi")
      let cable = port["cable"].map { readCable($0, speaksXiaomi: speaksXiaomi) } ?? .receptacle
      let vconn = port["vconn"].map { $0.flag() } ?? true
      let pdp = port["pdp"].map {
        $0.quantity(Milliwatts.self, in: Milliwatts(500)...Milliwatts(240_000))
      }
      let reach = reach(cable ?? .receptacle, suppliesVCONN: vconn ?? true)
      let isOfferWritten = port["offer"] != nil || port["pdp"] != nil
      var offer = isOfferWritten || !speaksXiaomi ? readOffer(port, pdp: pdp ?? nil, reach: reach) : nil
      var xiaomi: XiaomiPortSettings?
      if speaksXiaomi {
        let reader = XiaomiReader(
          own: !isOfferWritten ? .absent : offer.map { .given($0) } ?? .mistaken,
          cable: cable ?? .receptacle, suppliesVCONN: vconn ?? true)
        let result = port.required("xiaomi", hint: "give at least `class` and `adapter`").flatMap(reader.read)
        offer = result?.offer
        xiaomi = result?.settings
      }
      // The other keys are read whatever is wrong with the offer, so that their mistakes are found too.
      var settings = PortSettings(
        name: name ?? "", offer: offer ?? StandardOffer.offer(pdp: Milliwatts(15_000)))
      settings.cable = cable ?? .receptacle
      settings.suppliesVCONN = vconn ?? true
      settings.xiaomi = xiaomi
      if speaksXiaomi { settings.stage = .xiaomi(isEPR: settings.offer.isEPR) }
      settings = readRest(port, into: settings)
      return name == nil || cable == nil || vconn == nil || offer == nil ? nil : settings
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

  private static func readCable(_ value: SettingsValue, speaksXiaomi: Bool) -> CableSettings? {
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
        let current = captive["current"].map { readCableCurrent($0, speaksXiaomi: speaksXiaomi) }
        let isEPR = captive["epr"].map { $0.flag() }
        guard let current = current ?? Milliamperes(3_000), let isEPR = isEPR ?? false else { return nil }
        if isEPR, current < Milliamperes(5_000) {
          captive.value.report("an EPR cable carries 5 A", hint: "write `current: 5 A`")
        }
        return .captive(current: current, isEPR: isEPR)
      }
    }
  }

  /// USB-C ends at 5 A; a cable that belongs to a charger with Xiaomi's protocol may carry what a PPS object can say.
  private static func readCableCurrent(_ value: SettingsValue, speaksXiaomi: Bool) -> Milliamperes? {
    let most = Milliamperes(6_350)
    guard !speaksXiaomi, let current = value.quantity(Milliamperes.self), current > Milliamperes(5_000),
      current <= most
    else {
      return value.quantity(in: Milliamperes(1_500)...(speaksXiaomi ? most : Milliamperes(5_000)))
    }
    value.report(
      "\(current.settingsText) is above 5 A, where USB-C ends", hint: "only a port with `xiaomi` may use more"
    )
    return nil
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
    settings.stage = StageReader(settings: settings).read(port["stage"], offers: port["xiaomi"])
    if let hardware = port["hardware"] {
      settings.hardware = readHardware(hardware)
      if port.has("simulated") {
        hardware.report("a port of chips has no simulated phones", hint: "remove `simulated`, or `hardware`")
      }
      if let stage = settings.hardware?.stage, settings.stage.voltage > stage.highestVoltage {
        hardware.report(
          "a \(stage.rawValue) gives \(stage.highestVoltage.settingsText) at most, the port's stage has \(settings.stage.voltage.settingsText)",
          hint: "offer less, or give `stage` what it has")
      }
    }
    if let visits = port["simulated"] {
      settings.visits = PhoneReader.visits(visits)
    }
    return settings
  }

  private static func readHardware(_ value: SettingsValue) -> HardwareSettings? {
    guard let text = value.text() else { return nil }
    do throws(HardwareSettings.Mistake) {
      return try HardwareSettings(text)
    } catch {
      value.report(error.description, hint: error.hint)
      return nil
    }
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
