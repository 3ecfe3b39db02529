import Quantities
import Settings

/// Reads what a port's power stage can bear, and compares it with what is offered at each stage of trust.
struct StageReader {
  private let settings: PortSettings

  init(settings: PortSettings) { self.settings = settings }

  /// - Parameters:
  ///   - value: what is written; `nil` leaves the rating of `settings`.
  ///   - offers: the port's `xiaomi`, where larger offers stand that nothing written may bear.
  func read(_ value: SettingsValue?, offers: SettingsValue?) -> StageRating {
    var rating = settings.stage
    var voltageValue: SettingsValue?
    var currentValue: SettingsValue?
    var powerValue: SettingsValue?
    _ = value?.mapping { stage -> Bool? in
      voltageValue = stage["voltage"]
      currentValue = stage["current"]
      powerValue = stage["power"]
      return true
    }
    let most = Milliamperes(offers == nil ? 5_000 : 6_350)
    read(&rating.voltage, voltageValue, offers, most: Millivolts(50_000), "offer", \.highestVoltage)
    read(&rating.current, currentValue, offers, most: most, "offer", \.highestCurrent)
    read(&rating.power, powerValue, offers, most: Milliwatts(250_000), "port", \.pdp)
    return rating
  }

  private func read<Value: SettingsQuantity>(
    _ rating: inout Value, _ value: SettingsValue?, _ offers: SettingsValue?, most: Value, _ whose: String,
    _ need: (PowerOffer) -> Value
  ) {
    if let value {
      guard let given = value.quantity(Value.self) else { return }
      rating = given
    }
    let place = value ?? offers
    if rating < need(settings.offer) || value != nil && rating > most {
      place?.report(
        "the stage's \(rating.settingsText) do not fit the \(whose)'s \(need(settings.offer).settingsText)")
      return
    }
    guard let xiaomi = settings.xiaomi else { return }
    for (name, offer) in [("verified", xiaomi.verified), ("mutual", xiaomi.mutual)]
    where need(offer) > rating {
      place?.report(
        "the stage's \(rating.settingsText) do not fit the \(need(offer).settingsText) that are offered at the stage of trust `\(name)`",
        hint: value == nil ? "give `stage`, or offer less" : nil)
      return
    }
  }
}
