import PowerDelivery
import Quantities
import Testing
import XiaomiCharge

/// A family of phones, with what is known of it.
struct Family: Sendable, CustomStringConvertible {
  let description: String
  let profile: XiaomiPhoneProfile
  /// The commands in their order.
  let commands: [UInt8]
  /// The highest stage that it reaches with a strict charger.
  let stage: XiaomiStage

  static let all = [
    Family(
      description: "reference", profile: XiaomiPhoneProfile(), commands: [1, 2, 3, 4, 5, 6, 8, 7],
      stage: .mutual),
    Family(description: "Qualcomm", profile: .qualcomm, commands: [1, 2, 3, 4, 5, 6, 7], stage: .verified),
    Family(description: "MediaTek", profile: .mediaTek, commands: [1, 3, 4, 5, 6, 8, 7], stage: .mutual),
    Family(description: "Maxim", profile: .maxim, commands: [1, 2, 3, 4, 5, 6], stage: .verified),
    Family(
      description: "daemon", profile: .communityDaemon, commands: [1, 2, 3, 4, 5, 6, 8, 7], stage: .mutual),
    Family(description: "Xiaomi 17", profile: .xiaomi17, commands: [1, 3, 4, 5, 6, 8, 7], stage: .mutual),
  ]
}

/// Charger and phone against each other.
@Suite("Dialogue") struct DialogueTests {
  @Test("Each family comes to its power", arguments: Family.all, XiaomiPowerClass.allCases)
  func succeeds(_ family: Family, _ powerClass: XiaomiPowerClass) throws {
    var bench = Bench(family.profile)
    bench.plan = XiaomiCapabilityPlan(powerClass, cable: .captive(Milliamperes(6_200)))
    bench.attach()
    #expect(bench.complaints == [])
    #expect(bench.commands == family.commands)
    #expect(bench.phone.state == .charging && bench.phone.isVerified)
    #expect(bench.charger.stage == family.stage && bench.offered == family.stage)
    #expect(bench.offersByItself == 0)
    let choice = try #require(bench.choices.last)
    #expect(bench.choices.count == 1 && choice.isProgrammable)
    let expected: Int32 =
      switch powerClass {
      case .watts27, .watts33: 3_000
      case .watts67: 6_100
      case .watts90: family.stage == .mutual ? 4_500 : 6_100
      case .watts120: family.stage == .mutual ? 6_000 : 6_100
      }
    #expect(choice.current.rawValue == expected)
  }

  @Test("Without or with wrong keys nothing is unlocked, and the phone falls back", arguments: Family.all)
  func keys(_ family: Family) {
    for (charger, phone, notice) in [
      (Keys.wrong, Keys.right, XiaomiPhoneFailure.wrongProof), (.none, .right, .noProof),
      (.right, .none, .keyMissing), (.right, .wrong, .wrongProof), (.none, .none, .noProof),
    ] {
      var bench = Bench(family.profile)
      bench.chargerKeys = charger
      bench.phoneKeys = phone
      bench.attach()
      #expect(bench.complaints == [])
      #expect(bench.stages == [] && bench.charger.stage == .standard)
      #expect(bench.phone.state == .fallback && !bench.phone.isVerified)
      let failures = bench.phoneNotices.filter { if case .failed = $0 { true } else { false } }
      let isKeyMissing = phone == .none
      #expect(
        failures == [.failed(isKeyMissing && charger == .none ? .keyMissing : notice)]
          || failures == [.failed(notice)])
      // The charger is told.
      #expect(bench.traffic.contains([0x2717_0106, 0]))
      #expect(bench.now.nanoseconds < 30_000_000_000)
    }
  }

  @Test("The fallback of each family")
  func fallbacks() {
    func choice(_ profile: XiaomiPhoneProfile) -> XiaomiPowerChoice? {
      var bench = Bench(profile)
      bench.chargerKeys = .wrong
      bench.attach()
      return bench.choices.count == 1 ? bench.choices[0] : nil
    }
    // 8.0 V (two cells' worth of 3.8 V and 400 mV) from the public supply of 11 V and 3 A: all of it is below 27 W.
    let public3A = XiaomiPowerChoice(
      position: 5, isProgrammable: true, voltage: Millivolts(8_000), current: Milliamperes(3_000))
    #expect(choice(.qualcomm) == public3A)
    #expect(choice(.xiaomi17) == public3A)
    #expect(
      choice(.maxim)
        == XiaomiPowerChoice(
          position: 2, isProgrammable: false, voltage: Millivolts(9_000), current: Milliamperes(2_000)))
    #expect(choice(.mediaTek)?.voltage.rawValue == 7_820)
  }

  @Test("The tester replays: strict chargers verify it and then find its proof wrong; lenient ones keep it")
  func tester() {
    var strict = Bench(.communityTester)
    strict.attach()
    #expect(strict.complaints == [])
    #expect(strict.commands == [1, 3, 4, 5, 6, 8, 7])
    #expect(strict.stages == [.verified, .standard])
    #expect(strict.chargerNotices.contains(.phoneRefused))
    #expect(strict.phone.state == .charging)
    var settings = XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819))
    settings.enforcement = .lenient
    var lenient = Bench(.communityTester, settings)
    lenient.attach()
    #expect(lenient.stages == [.mutual])
    #expect(lenient.traffic.contains([0x2717_0208, 0]))
    #expect(lenient.choices.last?.isProgrammable == true)
  }

  @Test("The recorded dialogues are what the profiles send")
  func recorded() {
    let file = XiaomiVectorFile.shared
    func requests(of id: String) -> [[UInt32]] {
      let ids = file.dialogues.first { $0.id == id }?.messages ?? []
      return ids.compactMap { id in file.vectors.first { $0.id == id }?.words }
    }
    func sent(_ profile: XiaomiPhoneProfile) -> [[UInt32]] {
      var bench = Bench(profile)
      bench.attach()
      return bench.traffic.filter { ($0.first ?? 0) & 0x7F00 == 0x0100 }
    }
    #expect(sent(.communityTester) == requests(of: "XB"))
    #expect(sent(.qualcomm).map { $0[0] } == requests(of: "XA").map { $0[0] })
  }

  @Test("Before the dialogue: what is missing leads to the fallback")
  func discovery() {
    func end(_ profile: XiaomiPhoneProfile, _ change: (inout Bench) -> Void) -> (XiaomiPhoneNotice?, Bench) {
      var bench = Bench(profile)
      change(&bench)
      bench.attach()
      return (bench.phoneNotices.first, bench)
    }
    #expect(end(.qualcomm) { $0.identity = nil }.0 == .failed(.noIdentity))
    #expect(end(.qualcomm) { $0.identity = [0x2717, 0] }.0 == .failed(.noIdentity))
    #expect(end(.qualcomm) { $0.svids = nil }.0 == .failed(.noSVID))
    #expect(end(.qualcomm) { $0.svids = [0xFF01_8087, 0x2B01_0000, 0] }.0 == .failed(.noSVID))
    #expect(end(.qualcomm) { $0.swapAnswer = .refused }.0 == .failed(.roleSwapRefused))
    let (notice, waiting) = end(.qualcomm) { $0.swapAnswer = .wait }
    #expect(notice == .failed(.roleSwapRefused) && waiting.now.nanoseconds > 5_200_000_000)
    #expect(end(.mediaTek) { $0.identity = nil }.1.charger.stage == .mutual)
    #expect(end(.xiaomi17) { $0.svids = [0xFF01_2B01] }.1.charger.stage == .mutual)
    // A fourth object is what a Qualcomm phone takes for the Product VDO: its adapter id is another one, so is its digest.
    let (_, fourth) = end(.qualcomm) { $0.identity = [0x2717, 0, 0xA819, 0x1111] }
    #expect(fourth.phoneNotices.contains(.failed(.wrongProof)))
    var old = Bench(.qualcomm)
    old.attach(revision: .revision2)
    #expect(old.phoneNotices == [.failed(.revisionTooOld)])
  }

  @Test("A phone that is DFP already does not swap") func noSwap() {
    var bench = Bench(.qualcomm)
    bench.swapAnswer = .refused
    bench.attach(.downstreamFacing)
    #expect(bench.charger.stage == .verified)
  }

  @Test("A phone that never asks is offered what was unlocked, after two seconds") func offersByItself() {
    var bench = Bench(.qualcomm)
    bench.answersCapabilities = false
    bench.attach()
    #expect(bench.offersByItself == 1 && bench.complaints == [])
    #expect(bench.phone.state == .charging)
  }

  @Test("A mute charger: each family gives up in bounded time", arguments: Family.all)
  func mute(_ family: Family) {
    var bench = Bench(family.profile)
    bench.isChargerMute = true
    bench.attach()
    #expect(bench.phoneNotices.last == .failed(.silence(.chargerVersion)))
    #expect(bench.phone.state == .fallback && bench.choices.count == 1)
    #expect(bench.now.nanoseconds < 10_000_000_000)
  }

  @Test("A Hard Reset locks again, and a new dialogue unlocks again", arguments: Family.all)
  func hardReset(_ family: Family) {
    var bench = Bench(family.profile)
    bench.attach()
    bench.hardReset()
    bench.run()
    #expect(bench.charger.stage == .standard && bench.offered == .standard)
    #expect(bench.phone.state == .idle && !bench.phone.isVerified)
    bench.attach()
    #expect(bench.charger.stage == family.stage && bench.complaints == [])
  }

  @Test("A digest that comes late is refused in time and not used") func lateDigest() {
    var bench = Bench(.qualcomm)
    bench.digestTime = 13
    bench.attach()
    #expect(bench.chargerNotices.first == .digestLate)
    #expect(bench.charger.stage == .standard && bench.phone.state == .fallback)
    bench = Bench(.qualcomm)
    bench.digestTime = 11
    bench.attach()
    #expect(bench.charger.stage == .verified)
    bench = Bench(.qualcomm)
    bench.digestTime = nil
    bench.attach()
    #expect(bench.chargerNotices.first == .digestLate)
  }

  @Test(
    "Every message of the dialogue with every fault: an end in bounded time, nothing without verification",
    arguments: Family.all + [
      Family(description: "tester", profile: .communityTester, commands: [], stage: .verified)
    ])
  func faults(_ family: Family) {
    var complaints: [String] = []
    for fault in Fault.allCases {
      for first in 0..<18 {
        for second in [nil, first + 1, first + 2, first + 3] {
          var bench = Bench(family.profile)
          bench.faults[first] = fault
          if let second { bench.faults[second] = fault }
          bench.attach()
          let what = "\(fault) at \(first), \(second ?? -1)"
          complaints += bench.complaints.map { "\(what): \($0)" }
          if bench.phone.state != .charging && bench.phone.state != .fallback {
            complaints.append("\(what): ends in \(bench.phone.state)")
          }
          if bench.choices.isEmpty { complaints.append("\(what): no choice") }
          if bench.now.nanoseconds > 40_000_000_000 { complaints.append("\(what): takes \(bench.now)") }
          if bench.phone.isVerified && bench.phone.state == .fallback {
            complaints.append("\(what): verified and yet falls back")
          }
        }
      }
    }
    #expect(complaints == [])
  }

  @Test(
    "A single loss is made good by the repetition",
    arguments: Family.all.filter { $0.profile.repetitions > 0 })
  func oneLoss(_ family: Family) {
    for index in 0..<2 * family.commands.count {
      var bench = Bench(family.profile)
      bench.faults[index] = .lost
      bench.attach()
      let command = family.commands[index / 2]
      // VERIFIED is not sent again: if it is lost, the charger never knows.
      let isDecisive = index % 2 == 0 && (command == 6)
      #expect((bench.charger.stage == family.stage) != isDecisive, "\(index)")
    }
  }
}
