import PowerDelivery
import Quantities
import Settings

/// Reads what a port offers, and checks it by the rules of the standard.
struct OfferReader {
  /// Which currents and voltages the cable and VCONN allow.
  struct Reach {
    var currentLimit: Milliamperes
    var allowsEPR: Bool
    /// Why not more, for the mistake.
    var reason: String
  }

  private let reach: Reach
  private let pdp: Milliwatts?
  /// The most that any object may say: 5 A, and more only where a private protocol allows it.
  private let highestCurrent: Milliamperes

  init(pdp: Milliwatts?, reach: Reach, highestCurrent: Milliamperes = Milliamperes(5_000)) {
    self.pdp = pdp
    self.reach = reach
    self.highestCurrent = highestCurrent
  }

  /// A fixed object with its place in the file.
  private struct Fixed {
    var voltage: Millivolts
    var current: Milliamperes
    var value: SettingsValue
  }

  /// - Returns: the offer; `nil` after mistakes that leave none.
  func read(_ value: SettingsValue) -> PowerOffer? {
    value.mapping { offer -> PowerOffer? in
      let fixed = offer.required("fixed", hint: "give at least `fixed: [5 V 3 A]`").map(readFixed) ?? []
      var objects = PowerDataObjectList()
      let isOrdered = checkFixed(fixed)
      for entry in fixed { objects.append(Objects.fixed(entry.voltage, entry.current)) }
      if let avs = offer["avs"], let word = readAVS(avs) { objects.append(word) }
      for word in offer["pps"].map(readPPS) ?? [] {
        if objects.count >= 7 {
          offer["pps"]?.report(
            "there are more than 7 objects", hint: "Source_Capabilities holds at most 7 (USB-PD R3.2 §6.4.1)")
          break
        }
        objects.append(word)
      }
      let epr = offer["epr"].map(readEPR) ?? PowerDataObjectList()
      guard let first = fixed.first, first.voltage == Millivolts(5_000) else { return nil }
      let powers = fixed.map { Int64($0.voltage.rawValue) * Int64($0.current.rawValue) / 1_000 }
      let eprPower = epr.source(at: epr.count).flatMap { object -> Milliwatts? in
        if case .eprAVS(let avs) = object { avs.pdp } else { nil }
      }
      let power = pdp ?? max(eprPower ?? .zero, Milliwatts(Int32(clamping: powers.max() ?? 0)))
      // Rules about what is missing make no sense while what is there is wrong.
      if isOrdered, fixed.count == offer["fixed"]?.list().count {
        checkPowerRules(fixed, pdp: power, in: value)
      }
      return PowerOffer(objects: objects, eprObjects: epr, pdp: power)
    }
  }

  // MARK: Fixed

  private func readFixed(_ list: SettingsValue) -> [Fixed] {
    let values = list.list()
    if values.count > 7 {
      list.report(
        "there are \(values.count) objects", hint: "Source_Capabilities holds at most 7 (USB-PD R3.2 §6.4.1)")
    }
    return values.compactMap { value in
      guard let (range, current) = rangeAndCurrent(value, example: "9 V 3 A") else { return nil }
      guard range.minimum == range.maximum else {
        value.report("a fixed object has one voltage, not a range", hint: "ranges stand under `pps` or `avs`")
        return nil
      }
      guard checkStep(range.minimum.rawValue, 50, "mV", value), checkStep(current.rawValue, 10, "mA", value)
      else { return nil }
      return Fixed(voltage: range.minimum, current: current, value: value)
    }
  }

  /// Reports what breaks the order of the list; whether nothing does.
  private func checkFixed(_ fixed: [Fixed]) -> Bool {
    guard let first = fixed.first else { return false }
    var isOrdered = first.voltage == Millivolts(5_000)
    if first.voltage != Millivolts(5_000) {
      first.value.report(
        "the first object is \(first.voltage.settingsText) and must be vSafe5V",
        hint: "put `5 V` first (USB-PD R3.2 §6.4.1)")
    }
    var before: Fixed?
    for entry in fixed {
      if let before, entry.voltage <= before.voltage { isOrdered = false }
      if let before, entry.voltage == before.voltage {
        entry.value.report("\(entry.voltage.settingsText) is offered twice", hint: "keep the larger current")
      } else if let before, entry.voltage < before.voltage {
        entry.value.report(
          "\(entry.voltage.settingsText) stands behind \(before.voltage.settingsText)",
          hint: "fixed objects stand in the order of their voltage (USB-PD R3.2 §6.4.1)")
      }
      if entry.voltage > Millivolts(20_000) {
        isOrdered = false
        entry.value.report(
          "\(entry.voltage.settingsText) is above 20 V", hint: "higher voltages stand under `epr`")
      }
      before = entry
    }
    return isOrdered
  }

  /// The standard's list of voltages and currents for the power (USB-PD R3.2 §10.2.3).
  private func checkPowerRules(_ fixed: [Fixed], pdp: Milliwatts, in value: SettingsValue) {
    let rule = StandardOffer.fixed(pdp: pdp).filter { $0.voltage <= Millivolts(20_000) }
    for entry in rule {
      guard let given = fixed.first(where: { $0.voltage == entry.voltage }) else {
        value.report(
          "a source of \(pdp.settingsText) must offer \(entry.voltage.settingsText)",
          hint: "add `\(entry.voltage.settingsText) \(entry.current.settingsText)` (USB-PD R3.2 §10.2.3)")
        continue
      }
      // Currents may be rounded to 10 mA either way.
      if given.current + Milliamperes(10) < min(entry.current, reach.currentLimit) {
        given.value.report(
          "\(given.current.settingsText) at \(entry.voltage.settingsText) is less than a source of \(pdp.settingsText) must offer",
          hint: "offer \(entry.current.settingsText), or give a lower `pdp` (USB-PD R3.2 §10.2.3)")
      }
    }
    for entry in fixed {
      let power = Int64(entry.voltage.rawValue) * Int64(entry.current.rawValue - 10) / 1_000
      if power > Int64(pdp.rawValue) {
        entry.value.report(
          "\(entry.voltage.settingsText) at \(entry.current.settingsText) is more than the port's \(pdp.settingsText)",
          hint: "lower the current, or give a higher `pdp`")
      }
      let isRequired = rule.contains { $0.voltage == entry.voltage }
      if !isRequired, entry.voltage > Millivolts(9_000) {
        entry.value.report(
          "a source of \(pdp.settingsText) offers no \(entry.voltage.settingsText)",
          hint: "voltages beyond those of the power rules must not exceed 9 V (USB-PD R3.2 §10.2.3)")
      }
    }
  }

  // MARK: Programmable

  /// PPS objects in the order of the file; each says that it is limited by the port's power.
  func readPPS(_ list: SettingsValue) -> [UInt32] {
    var before = Millivolts.zero
    return list.list().compactMap { value in
      guard let (range, current) = rangeAndCurrent(value, example: "5–11 V 3 A") else { return nil }
      if range.minimum < Millivolts(3_300) || range.minimum > Millivolts(5_000) {
        value.report(
          "PPS begins at \(range.minimum.settingsText)",
          hint: "the lowest voltage is 3.3 V to 5 V, usually 5 V")
      }
      if range.maximum > Millivolts(21_000) || range.maximum <= range.minimum {
        value.report(
          "PPS ends at \(range.maximum.settingsText)", hint: "the usual ranges end at 11 V, 16 V or 21 V")
      }
      if current < Milliamperes(1_000) {
        value.report("PPS with less than 1 A", hint: "the standard wants at least 1 A, in steps of 50 mA")
      }
      if let pdp, pdp <= Milliwatts(15_000) {
        value.report("a source of \(pdp.settingsText) has no PPS", hint: "PPS needs more than 15 W")
      }
      if range.maximum < before {
        value.report("PPS objects stand in the order of their highest voltage")
      }
      before = range.maximum
      checkStep(range.minimum.rawValue, 100, "mV", value)
      checkStep(range.maximum.rawValue, 100, "mV", value)
      checkStep(current.rawValue, 50, "mA", value)
      return Objects.pps(range.minimum, range.maximum, current)
    }
  }

  /// SPR AVS: the current up to 15 V, and the one up to 20 V.
  private func readAVS(_ list: SettingsValue) -> UInt32? {
    var upTo15V: Milliamperes?
    var upTo20V = Milliamperes.zero
    for value in list.list() {
      guard let (range, current) = rangeAndCurrent(value, example: "9–15 V 3 A") else { continue }
      switch (range.minimum.rawValue, range.maximum.rawValue) {
      case (9_000, 15_000): upTo15V = current
      case (15_000, 20_000): upTo20V = current
      default:
        value.report("SPR AVS has the ranges 9–15 V and 15–20 V", hint: "write for example `9–15 V 3 A`")
      }
      checkStep(current.rawValue, 10, "mA", value)
    }
    if let pdp, pdp <= Milliwatts(27_000) {
      list.report("a source of \(pdp.settingsText) has no SPR AVS", hint: "AVS needs more than 27 W")
    }
    guard let upTo15V else {
      list.report("the range 9–15 V is missing")
      return nil
    }
    return Objects.avs(upTo15V: upTo15V, upTo20V: upTo20V)
  }

  private func readEPR(_ value: SettingsValue) -> PowerDataObjectList {
    if !reach.allowsEPR {
      value.report("EPR cannot be offered here: \(reach.reason)")
    }
    let allowed = [28_000, 36_000, 48_000] as [Int32]
    return value.mapping { epr -> PowerDataObjectList in
      var objects = PowerDataObjectList()
      var highest = Millivolts.zero
      for entry in epr.required("fixed", hint: "give at least `fixed: [28 V 5 A]`").map(readEPRFixed) ?? [] {
        if !allowed.contains(entry.voltage.rawValue) || entry.voltage <= highest {
          entry.value.report(
            "\(entry.voltage.settingsText) is no EPR voltage here", hint: "28 V, 36 V, 48 V in this order")
        }
        highest = max(highest, entry.voltage)
        objects.append(Objects.fixed(entry.voltage, entry.current))
      }
      guard let avs = epr["avs"], let amounts = avs.amounts(example: "15–28 V 140 W") else { return objects }
      guard amounts.count == 2, let low = try? Millivolts.amount(amounts[0].lower, unit: amounts[0].unit),
        let high = try? Millivolts.amount(amounts[0].upper, unit: amounts[0].unit),
        let power = try? Milliwatts.amount(amounts[1].lower, unit: amounts[1].unit), !amounts[1].isRange
      else {
        avs.report(
          "a range of voltages and a power are expected here", hint: "write it as in `15–28 V 140 W`")
        return objects
      }
      if low != Millivolts(15_000) || high != highest {
        avs.report("EPR AVS goes from 15 V to the highest EPR voltage, here \(highest.settingsText)")
      }
      if power > Milliwatts(240_000) || power < Milliwatts(100_000) {
        avs.report("\(power.settingsText) is outside 100 W to 240 W")
      }
      checkStep(power.rawValue, 1_000, "mW", avs)
      objects.append(Objects.eprAVS(low, high, power))
      return objects
    } ?? PowerDataObjectList()
  }

  private func readEPRFixed(_ list: SettingsValue) -> [Fixed] {
    list.list().prefix(3).compactMap { value in
      guard let (range, current) = rangeAndCurrent(value, example: "28 V 5 A") else { return nil }
      checkStep(current.rawValue, 10, "mA", value)
      return Fixed(voltage: range.maximum, current: current, value: value)
    }
  }

  // MARK: Parts

  /// A voltage or a range of them, and a current that the cable carries.
  private func rangeAndCurrent(
    _ value: SettingsValue, example: String
  ) -> (ClosedVoltageRange, Milliamperes)? {
    guard let amounts = value.amounts(example: example) else { return nil }
    guard amounts.count == 2, !amounts[1].isRange,
      let low = try? Millivolts.amount(amounts[0].lower, unit: amounts[0].unit),
      let high = try? Millivolts.amount(amounts[0].upper, unit: amounts[0].unit),
      let current = try? Milliamperes.amount(amounts[1].lower, unit: amounts[1].unit)
    else {
      value.report("a voltage and a current are expected here", hint: "write it as in `\(example)`")
      return nil
    }
    guard low > .zero, high <= Millivolts(50_000), current > .zero else {
      value.report("voltage and current must be above 0, and the voltage at most 50 V")
      return nil
    }
    guard current <= highestCurrent else {
      let isStandard = highestCurrent == Milliamperes(5_000)
      value.report(
        "\(current.settingsText) is above \(highestCurrent.settingsText)",
        hint: isStandard ? "USB-C carries at most 5 A" : "the current of a PPS object ends there")
      return nil
    }
    if current > reach.currentLimit {
      value.report("\(current.settingsText) cannot be offered here: \(reach.reason)")
    }
    return (ClosedVoltageRange(low, high), current)
  }

  @discardableResult private func checkStep(
    _ count: Int32, _ step: Int32, _ unit: String, _ value: SettingsValue
  ) -> Bool {
    guard count % step != 0 else { return true }
    value.report(
      "\(count) \(unit) is no multiple of \(step) \(unit)",
      hint: "the object on the wire counts in steps of \(step) \(unit)")
    return false
  }
}
