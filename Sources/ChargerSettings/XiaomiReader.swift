import PowerDelivery
import Quantities
import Settings
import XiaomiCharge
import XiaomiKeys

/// Reads what a port with Xiaomi's private protocol is set to (spec/text/xiaomi.md), and builds its offers for each
/// stage of trust.
struct XiaomiReader {
  /// What everybody gets, and what the port is set to.
  struct Result {
    var offer: PowerOffer
    var settings: XiaomiPortSettings
  }

  /// What the port's own `offer` or `pdp` give.
  enum OwnOffer {
    /// Neither is written: the class says what everybody gets.
    case absent
    /// They are written, with mistakes that leave no offer.
    case mistaken
    case given(PowerOffer)
  }

  private let own: OwnOffer
  private let cable: XiaomiCable
  /// What `verified` and `mutual` may name, and why not more.
  private let reach: OfferReader.Reach

  init(own: OwnOffer, cable: CableSettings, suppliesVCONN: Bool) {
    self.own = own
    switch cable {
    case .captive(let current, _): self.cable = .captive(current)
    case .receptacle: self.cable = .standard(Milliamperes(suppliesVCONN ? 5_000 : 3_000))
    }
    let reason =
      switch cable {
      case .captive(let current, _): "the captive cable carries \(current.settingsText)"
      case .receptacle where suppliesVCONN: "more than 5 A need a captive cable that is made for them"
      case .receptacle: "without VCONN no e-marker is read, and a cable without e-marker carries 3 A"
      }
    reach = OfferReader.Reach(currentLimit: self.cable.current, allowsEPR: false, reason: reason)
  }

  /// - Returns: `nil` after mistakes that leave nothing to run.
  func read(_ value: SettingsValue) -> Result? {
    value.mapping { xiaomi -> Result? in
      let isClassGiven = xiaomi["class"] != nil
      let powerClass = xiaomi["class"].flatMap(readClass)
      let charger = readCharger(xiaomi)
      let product = xiaomi["product"]?.integer(in: 0...0xFFFF)
      let identity = xiaomi["identity"]?.integer(in: 0...0xFFFF_FFFF)
      let keys = xiaomi["keys"].map { KeySourceReader.read($0) } ?? KeySource.none
      let verified = xiaomi["verified"].map { ($0, readStage($0) ?? WrittenStage(words: [])) }
      let mutual = xiaomi["mutual"].map { ($0, readStage($0) ?? WrittenStage(words: [])) }
      if !isClassGiven, verified == nil {
        xiaomi.value.report(
          "`class` is missing",
          hint: "give 27 W, 33 W, 67 W, 90 W or 120 W, or `verified` with objects of its own")
        return nil
      }
      guard let open = openOffer(powerClass, isClassGiven: isClassGiven, in: xiaomi) else { return nil }
      let isWritten = verified != nil || mutual != nil
      if !isWritten, let powerClass, gainsNothing(powerClass, beyond: open) {
        xiaomi["class"]?.report(
          "a charger of \(powerClass.power.settingsText) gives nobody more through this cable: \(reach.reason)",
          hint: "fit another cable, or give a lower `class`")
      }
      let plan = powerClass.map { XiaomiCapabilityPlan($0, cable: cable) }
      let classValue = xiaomi["class"] ?? xiaomi.value
      let trusted = offer(
        StageList(key: "verified", value: verified?.0 ?? classValue, written: verified?.1),
        open: open, base: open, plan: plan, plan?.verified)
      let proved = offer(
        StageList(key: "mutual", value: mutual?.0 ?? classValue, written: mutual?.1),
        open: open, base: trusted ?? open, plan: plan, plan?.mutual)
      guard let charger, let keys, let trusted, let proved else { return nil }
      var settings = XiaomiPortSettings(charger: charger, verified: trusted, mutual: proved, keys: keys)
      if let product { settings.identity.productID = UInt16(truncatingIfNeeded: product) }
      if let identity {
        settings.identity.header = IDHeaderVDO(rawValue: UInt32(truncatingIfNeeded: identity))
      }
      return Result(offer: open, settings: settings)
    }
  }

  // MARK: What the charger says of itself

  private func readClass(_ value: SettingsValue) -> XiaomiPowerClass? {
    guard let power = value.quantity(Milliwatts.self) else { return nil }
    if let match = XiaomiPowerClass.allCases.first(where: { $0.power == power }) { return match }
    let list = XiaomiPowerClass.allCases.map(\.power.settingsText).joined(separator: ", ")
    value.report("there is no class of \(power.settingsText)", hint: "the classes are \(list)")
    return nil
  }

  private func readCharger(_ xiaomi: SettingsMapping) -> XiaomiChargerSettings? {
    let adapter = xiaomi.required(
      "adapter", hint: "digests depend on the adapter id; give its 16 bits, for example `adapter: 0xA819`")
    let id = adapter?.integer(in: 0...0xFFFF)
    var charger = XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: UInt32(id ?? 0)))
    if let version = xiaomi["version"]?.integer(in: 0...0xFFFF_FFFF) {
      charger.version = XiaomiChargerVersion(rawValue: UInt32(truncatingIfNeeded: version))
    }
    if let enforcement = xiaomi["enforcement"]?.word(of: [
      ("strict", XiaomiChargerSettings.Enforcement.strict), ("lenient", .lenient),
    ]) {
      charger.enforcement = enforcement
    }
    if let step = xiaomi["voltage-step"]?.word(of: [
      ("100 mV", XiaomiChargerSettings.VoltageStep.hundredMillivolts), ("10 mV", .tenMillivolts),
    ]) {
      charger.voltageStep = step
    }
    if let zmi = xiaomi["zmi"]?.flag() { charger.answersZMI = zmi }
    if let obeys = xiaomi["reset"]?.word(of: [("obey", true), ("refuse", false)]) {
      charger.obeysReset = obeys
    }
    return id == nil ? nil : charger
  }

  // MARK: What it offers

  /// What is written of a stage.
  private struct WrittenStage {
    /// PPS objects that are added to the list that everybody gets.
    var words: [UInt32]
    var power: Milliwatts?
    var powerValue: SettingsValue?
  }

  /// A stage with its name in the file and its place there.
  private struct StageList {
    var key: String
    var value: SettingsValue
    var written: WrittenStage?
  }

  private func readStage(_ value: SettingsValue) -> WrittenStage? {
    value.mapping { stage -> WrittenStage? in
      let reader = OfferReader(pdp: nil, reach: reach, highestCurrent: Milliamperes(6_350))
      let list = stage.required("pps", hint: "name what is added, for example `pps: [3.3–11 V 5 A]`")
      let power = stage["power"]
      let watts = power?.quantity(in: Milliwatts(15_000)...Milliwatts(240_000))
      guard let list else { return nil }
      return WrittenStage(words: reader.readPPS(list), power: watts, powerValue: power)
    }
  }

  /// What everybody gets: the port's own offer, otherwise that of the class.
  private func openOffer(
    _ powerClass: XiaomiPowerClass?, isClassGiven: Bool, in xiaomi: SettingsMapping
  ) -> PowerOffer? {
    switch own {
    case .given(var offer):
      offer.pdp = max(offer.pdp, offer.highestPower)
      return offer
    case .mistaken: return nil
    case .absent:
      if !isClassGiven {
        xiaomi.value.report(
          "without `class` it is not known what everybody is offered",
          hint: "give `class`, or the port's `offer` or `pdp`")
      }
      return powerClass.map { PowerOffer(XiaomiCapabilityPlan($0, cable: cable).standard) }
    }
  }

  /// Whether the class has more for those it trusts, and none of it is beyond what everybody gets here.
  private func gainsNothing(_ powerClass: XiaomiPowerClass, beyond open: PowerOffer) -> Bool {
    let full = XiaomiCapabilityPlan(powerClass, cable: .captive(Milliamperes(6_350)))
    guard full.mutual != full.standard else { return false }
    let plan = XiaomiCapabilityPlan(powerClass, cable: cable)
    return XiaomiReader.added(by: plan.mutual, to: plan.standard, beyond: open).isEmpty
  }

  /// The offer of a stage: the list that everybody gets, with what is written or otherwise what the class adds.
  /// - Parameter base: the offer of the stage before; a stage of which nothing is written keeps it.
  private func offer(
    _ stage: StageList, open: PowerOffer, base: PowerOffer, plan: XiaomiCapabilityPlan?,
    _ planned: XiaomiCapabilityPlan.Offer?
  ) -> PowerOffer? {
    var offer = stage.written == nil ? base : open
    var words: [UInt32] = []
    if let written = stage.written {
      words = written.words.map { XiaomiReader.object($0, within: written.power) }
    } else if let plan, let planned {
      words = XiaomiReader.added(by: planned, to: plan.standard, beyond: base)
    }
    let objects = XiaomiReader.merged(offer.objects, with: words)
    guard objects.count <= 7 else {
      stage.value.report(
        "the list of the stage `\(stage.key)` has \(objects.count) objects",
        hint: "Source_Capabilities holds at most 7 (USB-PD R3.2 §6.4.1)")
      return nil
    }
    offer.objects = PowerDataObjectList()
    for word in objects { offer.objects.append(word) }
    guard let power = stage.written?.power else {
      offer.pdp = max(offer.pdp, planned?.power ?? .zero, offer.highestPower)
      return offer
    }
    if power < open.pdp {
      stage.written?.powerValue?.report(
        "\(power.settingsText) is less than the \(open.pdp.settingsText) that everybody is offered")
    }
    offer.pdp = power
    return offer
  }

  /// A PPS object that says it is limited by the power only where it could ask for more than that.
  private static func object(_ word: UInt32, within power: Milliwatts?) -> UInt32 {
    var object = SPRPPSSourceAPDO(rawValue: word)
    object.ppsPowerLimited = false
    if let power, SourcePDO.sprPPS(object).highestPower > power { object.ppsPowerLimited = true }
    return object.rawValue
  }

  /// What a plan adds for a stage to what everybody gets, without what an offer covers already.
  private static func added(
    by stage: XiaomiCapabilityPlan.Offer, to everybody: XiaomiCapabilityPlan.Offer, beyond offer: PowerOffer
  ) -> [UInt32] {
    let known = words(everybody.objects)
    return words(stage.objects).filter { word in
      guard !known.contains(word), case .sprPPS(let object) = SourcePDO(rawValue: word) else { return false }
      return !words(offer.objects).contains { covers($0, object, power: offer.pdp) }
    }
  }

  /// Whether an object of an offer gives all that a PPS object would.
  private static func covers(_ word: UInt32, _ object: SPRPPSSourceAPDO, power: Milliwatts) -> Bool {
    guard case .sprPPS(let other) = SourcePDO(rawValue: word) else { return false }
    return other.maximumVoltage >= object.maximumVoltage && other.minimumVoltage <= object.minimumVoltage
      && other.maximumCurrent >= object.maximumCurrent
      && (!other.ppsPowerLimited || SourcePDO.sprPPS(object).highestPower <= power)
  }

  /// A list with PPS objects more, each in its place by its highest voltage (USB-PD R3.2 §6.4.1).
  private static func merged(_ list: PowerDataObjectList, with added: [UInt32]) -> [UInt32] {
    added.reduce(into: words(list)) { words, word in
      let maximum = SPRPPSSourceAPDO(rawValue: word).maximumVoltage
      let place = words.firstIndex { other in
        guard case .sprPPS(let object) = SourcePDO(rawValue: other) else { return false }
        return object.maximumVoltage > maximum
      }
      words.insert(word, at: place ?? words.endIndex)
    }
  }

  private static func words(_ list: PowerDataObjectList) -> [UInt32] {
    (0..<list.count).compactMap { list.word(at: $0 + 1) }
  }
}
