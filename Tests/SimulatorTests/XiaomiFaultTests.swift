import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing
import XiaomiCharge

@testable import Simulator

/// Every step of the dialogue goes wrong in every way, once: the phone ends on the best power that is safe, the charger
/// never sticks and never gives what it has not offered.
@Suite("Xiaomi with faults") struct XiaomiFaultTests {
  /// How many vendor messages each side sends at most: two discoveries and eight commands.
  static let steps: [UInt8] = Array(0...9)

  static let vdmFaults: [Misbehaviour.VDMFault] = [
    .unsent, .late(Nanoseconds(20_000_000)), .late(Nanoseconds(40_000_000)), .late(Nanoseconds(700_000_000)),
    .shortened, .lengthened, .garbled, .otherCommand, .otherSVID, .otherType, .refused,
  ]

  @Test(
    "A vendor message that is not what it should be, at every step, from either side",
    arguments: XiaomiFamily.allCases, vdmFaults)
  func spoiled(_ family: XiaomiFamily, _ fault: Misbehaviour.VDMFault) {
    let least = Self.fallback(family)
    for side in [Side.charger, .phone] {
      for step in Self.steps {
        var charging = XiaomiCharging(family) { configuration in
          let list = MisbehaviourList(.spoilsVDM(step, fault))
          if side == .charger {
            configuration.charger.misbehaviours = list
          } else {
            configuration.phone.misbehaviours = list
          }
        }
        charging.runToRest()
        let place = "\(side) \(step)"
        #expect(charging.complaints == [], "\(place)")
        #expect(charging.isResting, "\(place): \(String(describing: charging.link.xiaomiPhoneState))")
        #expect(charging.power >= least, "\(place): \(charging.power) at \(charging.link.now)")
      }
    }
  }

  @Test(
    "The same where the charger has a wrong key, or none",
    arguments: XiaomiFamily.allCases, [XiaomiKeyCase.wrong, .none])
  func spoiledWithoutKeys(_ family: XiaomiFamily, _ keys: XiaomiKeyCase) {
    let least = Self.fallback(family)
    for fault in [Misbehaviour.VDMFault.unsent, .late(Nanoseconds(40_000_000)), .garbled, .refused] {
      for side in [Side.charger, .phone] {
        for step in Self.steps {
          var charging = XiaomiCharging(family, keys: keys) { configuration in
            let list = MisbehaviourList(.spoilsVDM(step, fault))
            if side == .charger {
              configuration.charger.misbehaviours = list
            } else {
              configuration.phone.misbehaviours = list
            }
          }
          charging.runToRest()
          let place = "\(fault) \(side) \(step)"
          // One that replays its words believes whatever it is told.
          #expect(family == .tester || charging.link.trust == .standard, "\(place)")
          #expect(charging.complaints == [], "\(place)")
          #expect(charging.isResting && charging.power >= least, "\(place)")
        }
      }
    }
  }

  /// What the family settles for.
  static func fallback(_ family: XiaomiFamily) -> Milliwatts {
    var charging = XiaomiCharging(family, keys: .none)
    charging.runToRest()
    // The first voltage follows the battery, which has charged a little more or less by then.
    return Milliwatts(charging.power.rawValue * 98 / 100)
  }

  enum WireFault: CaseIterable, Sendable {
    case lostOnce, lostWithAllRetries, doubled, delayed
  }

  @Test(
    "A packet that is lost, doubled or late on the wire, at every step, from either side",
    arguments: XiaomiFamily.allCases, WireFault.allCases)
  func wire(_ family: XiaomiFamily, _ fault: WireFault) {
    let least = Self.fallback(family)
    var good = XiaomiCharging(family)
    good.runToRest()
    for side in [Side.charger, .phone] {
      for kind in [
        MessageKind.data(.vendorDefined), .control(.drSwap), .control(.accept), .data(.sourceCapabilities),
        .control(.getSourceCap), .data(.request), .control(.psRDY),
      ] {
        for step in 0..<(kind == .data(.vendorDefined) ? 10 : 3) {
          var charging = XiaomiCharging(family)
          charging.link.perform(.scriptFault(Self.scripted(fault, side, kind, skip: step)))
          charging.runToRest()
          let place = "\(side) \(kind) \(step)"
          #expect(charging.complaints == [], "\(place)")
          #expect(charging.link.referee.violations == [], "\(place)")
          #expect(charging.isResting, "\(place): \(String(describing: charging.link.xiaomiPhoneState))")
          #expect(charging.power >= least, "\(place)")
          // What the protocol layer makes up for is not noticed above it.
          if fault == .lostOnce || fault == .doubled {
            #expect(
              charging.link.trust == good.link.trust
                && charging.contract?.position == good.contract?.position,
              "\(place)")
          }
        }
      }
    }
  }

  private static func scripted(
    _ fault: WireFault, _ side: Side, _ kind: MessageKind, skip: Int
  ) -> ScriptedFault {
    let (effect, count): (ScriptedFault.Effect, Int) =
      switch fault {
      case .lostOnce: (.damage, 1)
      case .lostWithAllRetries: (.damage, 3)
      case .doubled: (.duplicate(after: Nanoseconds(1_000_000)), 1)
      case .delayed: (.delay(Nanoseconds(2_000_000)), 1)
      }
    return ScriptedFault(
      effect, station: side == .charger ? .charger : .phone, kind: kind, skip: skip, count: count)
  }

  @Test(
    "A rough wire, random events: no rule is broken, and the power comes back",
    arguments: 0..<8 as Range<UInt64>)
  func rough(_ block: UInt64) {
    let keys = PlainDigests()
    let family = XiaomiFamily.allCases[Int(block) % XiaomiFamily.allCases.count]
    var run = HandshakeRun(
      .xiaomi(.watts120, keys: .provider(keys), phone: family.profile, phoneKeys: keys))
    #if DEBUG
      let count: UInt64 = 25
    #else
      let count: UInt64 = 500
    #endif
    for seed in block * 1_000..<block * 1_000 + count {
      let result = run.run(seed: seed)
      #expect(result.outcome == .contract && result.violations == 0, "\(family) seed \(seed): \(result)")
    }
  }

  @Test(
    "Messages of any payload, count and order, in any role: VBUS stays where everybody's offer has it",
    arguments: [UInt64](1...6), [false, true])
  func hostile(_ seed: UInt64, _ hasGarbage: Bool) {
    var configuration = LinkConfiguration.xiaomi(
      .watts120, keys: .provider(PlainDigests()), phone: XiaomiPhoneProfile(), phoneKeys: PlainDigests())
    configuration.xiaomiPhone = nil
    configuration.phone.sink.evaluation = .automatic
    configuration.phone.misbehaviours = MisbehaviourList(.vdmFlood(Nanoseconds(3_000_000)))
    if hasGarbage { configuration.phone.misbehaviours.append(.garbageMessages(Nanoseconds(5_000_000))) }
    var charging = XiaomiCharging(configuration, seed: seed)
    var random = SeededRandom(seed: seed)
    for _ in 0..<2_000 {
      charging.run(until: charging.link.now + random.span(from: .zero, to: Nanoseconds(20_000_000)))
      charging.link.perform(.request(.phone, .sendVendorDefined(Self.message(&random))))
      if charging.link.trust != .standard { break }
    }
    #expect(charging.link.trust == .standard && charging.complaints == [])
    // Garbage may claim roles that lead through ErrorRecovery.
    #expect(hasGarbage || charging.link.ports[0].engine.connection.isAttached)
  }

  /// Any message, most of them nearly right; never a VERIFIED, which a phone without keys may say too.
  private static func message(_ random: inout SeededRandom) -> ShortMessage {
    var message = ShortMessage(.vendorDefined, header: MessageHeader())
    let commands: [UInt32] = [1, 2, 3, 4, 5, 5, 7, 8, 8, 9, 10, 0xFF, 0]
    let heads: [UInt32] = [0x2717_0100, 0x2717_0100, 0x2717_0200, 0x2717_0000, 0x2717_8000, 0xFF00_8000]
    message.append(heads[random.below(heads.count)] | commands[random.below(commands.count)])
    for _ in 0..<random.below(7) {
      message.append(random.below(3) == 0 ? 1 : UInt32(truncatingIfNeeded: random.next()))
    }
    return message
  }
}
