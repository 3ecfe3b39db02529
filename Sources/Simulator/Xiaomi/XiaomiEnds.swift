import PortEngine
import Quantities
import XiaomiCharge

/// The machines of Xiaomi's private protocol at both ends of a link, as far as there are any.
struct XiaomiEnds: Sendable {
  let chargerSetup: XiaomiChargerSetup?
  let phoneSetup: XiaomiPhoneSetup?
  var charger: XiaomiCharger?
  var phone: XiaomiPhone?
  var offers: SourceOffers
  /// The loop that follows the battery, while a programmable supply charges it.
  var regulator: XiaomiRegulator?
  var regulatorTick = Instant.distantFuture
  /// The question that the driver of the link has not taken yet; an older one is of no use any more.
  var question: XiaomiDigestQuestion?
  /// Whether the phone's port awaits its decision about capabilities.
  var isDeciding = false
  /// What the phone chose last.
  var choice: XiaomiPowerChoice?

  init?(_ configuration: LinkConfiguration) {
    chargerSetup = configuration.xiaomiCharger
    phoneSetup = configuration.xiaomiPhone
    guard chargerSetup != nil || phoneSetup != nil else { return nil }
    let source = configuration.charger.source
    offers = SourceOffers(
      standard: source, verified: chargerSetup?.verified ?? source, mutual: chargerSetup?.mutual ?? source)
    charger = chargerSetup.map { XiaomiCharger($0.settings) }
    phone = phoneSetup.map { XiaomiPhone($0.profile, battery: Millivolts(3_800)) }
  }

  /// When the next machine is due.
  var nextTime: Instant {
    var time = regulatorTick
    if let deadline = charger?.nextDeadline { time = min(time, deadline) }
    if let deadline = phone?.nextDeadline { time = min(time, deadline) }
    return time
  }
}
