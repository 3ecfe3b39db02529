import Quantities
public import Settings
import XiaomiKeys

/// Reads phones and their visits.
public enum PhoneReader {
  /// A phone: the name of a model alone, or a mapping with `model` and what differs.
  public static func phone(_ value: SettingsValue) -> PhoneSettings? {
    if value.isScalar { return value.word(PhoneSettings.Model.self).map { PhoneSettings($0) } }
    return value.mapping { phone -> PhoneSettings? in
      let model = phone.required("model").flatMap { $0.word(PhoneSettings.Model.self) }
      let voltage = phone["voltage"]?.quantity(in: Millivolts(3_300)...Millivolts(48_000))
      let current = phone["current"]?.quantity(in: Milliamperes(100)...Milliamperes(5_000))
      let power = phone["power"]?.quantity(in: Milliwatts(500)...Milliwatts(240_000))
      let charge = phone["charge"]?.quantity(in: Percent(0)...Percent(100))
      let xiaomi = readXiaomi(phone, model)
      return model.map { model in
        var settings = PhoneSettings(model, voltage: voltage, current: current, power: power)
        settings.charge = charge
        settings.xiaomi = xiaomi
        return settings
      }
    }
  }

  /// What only phones with Xiaomi's private protocol have.
  private static func readXiaomi(
    _ phone: SettingsMapping, _ model: PhoneSettings.Model?
  ) -> PhoneSettings.Xiaomi {
    var xiaomi = PhoneSettings.Xiaomi()
    for key in ["family", "keys"] {
      guard let value = phone[key], let model, model != .xiaomi else { continue }
      value.report("the model `\(model.rawValue)` has no `\(key)`", hint: "only `model: xiaomi` has")
      return xiaomi
    }
    if let family = phone["family"]?.word(PhoneSettings.XiaomiFamily.self) { xiaomi.family = family }
    if let keys = phone["keys"].flatMap({ KeySourceReader.read($0, isPhone: true) }) { xiaomi.keys = keys }
    return xiaomi
  }

  /// What a person needs to change phones, and longer than VBUS takes to vSafe0V.
  private static let pause = Nanoseconds(1_000_000_000)

  /// Visits in the order of their arrival; one phone at a time is at a port.
  static func visits(_ value: SettingsValue) -> [PhoneVisit] {
    var visits: [PhoneVisit] = []
    for entry in value.list() {
      let visit = entry.mapping { visit -> PhoneVisit? in
        let range = Nanoseconds.zero...Nanoseconds(86_400_000_000_000)
        let phone = visit.required("phone", hint: "name a model: pd2, pd3, pps …").flatMap(phone)
        let arrival = visit.required("arrive", hint: "write for example `arrive: 1 s`")
          .flatMap { $0.quantity(Nanoseconds.self, in: range) }
        let leave = visit["leave"]
        let departure = leave.map { $0.quantity(Nanoseconds.self, in: range) }
        guard let phone, let arrival, let departure = departure ?? .some(nil) else { return nil }
        if let departure, departure <= arrival { leave?.report("the phone leaves before it arrives") }
        return PhoneVisit(phone: phone, arrival: arrival, departure: departure)
      }
      guard let visit else { continue }
      if let before = visits.last, before.departure.map({ visit.arrival < $0 }) ?? true {
        entry.report("the phone before is still there", hint: "let it `leave` before this one arrives")
      } else if let left = visits.last?.departure, visit.arrival - left < pause {
        entry.report("the phone comes within a second of the one before", hint: "let VBUS fall for 1 s")
      }
      visits.append(visit)
    }
    return visits
  }
}
