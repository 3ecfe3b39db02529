import Quantities

// The families whose behaviour is known in part; what is not known is as in the reference phone (Xiaomi 5.3).

extension XiaomiPhoneProfile {
  /// Qualcomm SM8250 phones of about 2020: the order of the older recording, adapter id from the last object, no
  /// extended capabilities; without verification 9 V five seconds later.
  public static var qualcomm: XiaomiPhoneProfile {
    var profile = XiaomiPhoneProfile()
    profile.commands = XiaomiCommandOrder(rawValue: 0x123_4567)
    profile.adapterIDPlace = .last
    profile.readsExtendedCapabilities = false
    return profile
  }

  /// MediaTek phones: 500 ms for every answer, also for those to VERIFIED and REMOVE_COMPENSATION, and patience for a
  /// larger offer.
  public static var mediaTek: XiaomiPhoneProfile {
    var profile = XiaomiPhoneProfile()
    profile.commands = XiaomiCommandOrder(rawValue: 0x134_5687)
    profile.confirmationWait = milliseconds(500)
    profile.largerOfferInterval = milliseconds(100)
    profile.verifiedLimits.programmableCurrent = Milliamperes(6_100)
    profile.pump = XiaomiPump(ratio: 2, offset: .zero, share: Percent(3))
    profile.loop.quickPeriod = milliseconds(300)
    profile.loop.steadyPeriod = milliseconds(1_000)
    return profile
  }

  /// Phones with a Maxim port controller: commands 1 to 6 only, 2 s for an answer, one repetition with 300 ms.
  public static var maxim: XiaomiPhoneProfile {
    var profile = XiaomiPhoneProfile()
    profile.commands = XiaomiCommandOrder(rawValue: 0x12_3456)
    profile.answerWait = milliseconds(2_000)
    profile.repetitionWait = milliseconds(300)
    profile.fallbackLimits = .fallback18W
    return profile
  }

  /// The community's tester: recorded words, no keys, and no limits of a battery.
  public static var communityTester: XiaomiPhoneProfile {
    var profile = XiaomiPhoneProfile()
    profile.commands = XiaomiCommandOrder(rawValue: 0x134_5687)
    profile.proof = .replayed(
      XiaomiSession(
        seed: XiaomiOctets(0x0960_4EB9, 0xAD37_E17B, 0xD6B2_A4F2, 0xA351_5984),
        challenge: XiaomiOctets(0x7B00_768F, 0x9972_2A0C, 0xBCD4_13B2, 0x6A7B_7C56)),
      reverse: XiaomiOctets(0xC21E_AB20, 0xD9B9_A48D, 0x6232_7F59, 0x1C07_88A5))
    profile.answers = .anyCommand
    profile.readsExtendedCapabilities = false
    profile.answerWait = milliseconds(1_000)
    profile.repetitions = 0
    profile.confirmationWait = milliseconds(1_000)
    profile.fallbackDelay = .zero
    profile.fallbackLimits = .fallback100W
    return profile
  }

  /// The community's daemon on rooted phones: all commands, 2 s for an answer, no wait for confirmations.
  public static var communityDaemon: XiaomiPhoneProfile {
    var profile = XiaomiPhoneProfile()
    profile.answerWait = milliseconds(2_000)
    profile.repetitions = 0
    return profile
  }

  /// Xiaomi 17: the newer order after a pause of 200 ms, and public programmable supplies up to about 100 W without
  /// verification.
  public static var xiaomi17: XiaomiPhoneProfile {
    var profile = XiaomiPhoneProfile()
    profile.commands = XiaomiCommandOrder(rawValue: 0x134_5687)
    profile.acceptsZMI = true
    profile.pause = milliseconds(200)
    profile.fallbackLimits = .fallback100W
    return profile
  }
}
