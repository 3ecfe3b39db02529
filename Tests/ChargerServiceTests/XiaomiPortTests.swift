import ChargerService
import ChargerSettings
import PowerDelivery
import PowerSupervision
import Quantities
import Synchronization
import TestSupport
import Testing
import Trace
import XiaomiCharge
import XiaomiKeys

/// A port of the daemon that speaks Xiaomi's protocol, in virtual time.
@Suite struct XiaomiPortTests {
  private static func milliseconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000) }

  /// 120 W, and a phone that comes at 100 ms.
  private static func port(phoneKeys: KeySource = .synthetic) -> PortSettings {
    let plan = XiaomiCapabilityPlan(.watts120, cable: .captive(Milliamperes(6_200)))
    var port = PortSettings(name: "A", offer: PowerOffer(plan.standard))
    port.cable = .captive(current: Milliamperes(6_200), isEPR: false)
    port.stage = .xiaomi(isEPR: false)
    port.xiaomi = XiaomiPortSettings(
      charger: XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819)),
      verified: PowerOffer(plan.verified), mutual: PowerOffer(plan.mutual), keys: .synthetic)
    var phone = PhoneSettings(.xiaomi)
    phone.xiaomi.keys = phoneKeys
    port.visits = [PhoneVisit(phone: phone, arrival: Nanoseconds(100_000_000))]
    return port
  }

  private static func driver(_ port: PortSettings, _ exchange: DigestExchange) -> SimulatedPortDriver {
    SimulatedPortDriver(port, power: Milliwatts(120_000), at: .zero, seed: 1, digests: exchange)
  }

  private static func stages(_ reports: [PortReport]) -> [XiaomiStage] {
    reports.compactMap { if case .trust(let stage) = $0.content { stage } else { nil } }
  }

  @Test func keysInThisProcessAnswerInTheSameTurn() {
    var driver = Self.driver(Self.port(), DigestExchange(ImmediateDigestService(SyntheticKeys.right)))
    driver.advance(to: Self.milliseconds(1_000))
    #expect(driver.status.trust == .mutual && driver.status.contract?.position == 7)
    let reports = driver.drain()
    #expect(Self.stages(reports).suffix(2) == [.verified, .mutual])
    // Every private message is answered 0.3 ms after it, the one for which a digest is computed too.
    let records = reports.compactMap { if case .record(let record) = $0.content { record } else { nil } }
    #expect(Self.slowestAnswer(records) == Nanoseconds(300_000))
  }

  @Test(arguments: [KeySource.syntheticWrong, .none]) func aPhoneWithOtherKeys(_ keys: KeySource) {
    var driver = Self.driver(
      Self.port(phoneKeys: keys), DigestExchange(ImmediateDigestService(SyntheticKeys.right)))
    driver.advance(to: Self.milliseconds(8_000))
    #expect(driver.status.trust == .standard && driver.status.contract?.position == 5)
  }

  @Test func withoutKeysEverybodyGetsThePublicOffer() {
    var driver = Self.driver(Self.port(), DigestExchange(nil))
    driver.advance(to: Self.milliseconds(8_000))
    #expect(driver.status.trust == .standard && driver.status.contract?.position == 5)
    #expect(Self.stages(driver.drain()) == [.standard])
  }

  /// An agent that answers when the test says so.
  private final class SlowAgent: XiaomiDigestService {
    private let waiting = Mutex<[(XiaomiDigestQuestion, @Sendable (XiaomiDigest?) -> Void)]>([])

    func ask(_ question: XiaomiDigestQuestion, _ answer: @escaping @Sendable (XiaomiDigest?) -> Void) {
      waiting.withLock { $0.append((question, answer)) }
    }
    func finish() {}
    func answerAll() {
      let taken = waiting.withLock { list in
        defer { list = [] }
        return list
      }
      for (question, answer) in taken { answer(SyntheticKeys.right.digest(question)) }
    }
    var count: Int { waiting.withLock { $0.count } }
  }

  /// Answers within 12 ms count, later ones do not; the port's thread is woken for each.
  @Test(arguments: [(1, true), (11, true), (13, false), (60, false)]) func anAgent(
    _ delay: Int64, _ isInTime: Bool
  ) {
    let agent = SlowAgent()
    let exchange = DigestExchange(agent)
    let wakes = Mutex(0)
    exchange.onAnswer { wakes.withLock { $0 += 1 } }
    var driver = Self.driver(Self.port(), exchange)
    var time: Int64 = 0
    while agent.count == 0, time < 2_000 {
      time += 1
      driver.advance(to: Self.milliseconds(time))
    }
    #expect(agent.count == 1)
    driver.advance(to: Self.milliseconds(time + delay - 1))
    #expect(driver.status.trust == .standard)
    agent.answerAll()
    #expect(wakes.withLock { $0 } == 1)
    driver.perform(.wake, at: Self.milliseconds(time + delay))
    driver.advance(to: Self.milliseconds(time + 1_000))
    #expect(driver.status.trust == (isInTime ? .mutual : .standard))
  }

  /// Nobody answers: Not_Supported goes out in time, the phone charges with what everybody gets.
  @Test func anAgentThatIsDead() {
    let agent = SlowAgent()
    var driver = Self.driver(Self.port(), DigestExchange(agent))
    driver.advance(to: Self.milliseconds(8_000))
    #expect(agent.count == 1 && driver.status.contract?.position == 5)
    let records = driver.drain().compactMap {
      if case .record(let record) = $0.content { record } else { nil }
    }
    let slowest = Self.slowestAnswer(records)
    #expect(slowest >= Nanoseconds(12_000_000) && slowest < Nanoseconds(13_000_000))
  }

  /// From the end of the GoodCRC for each message of the phone with Xiaomi's SVID to the charger's next message.
  private static func slowestAnswer(_ records: [TraceRecord]) -> Nanoseconds {
    var slowest = Nanoseconds.zero
    var asked = false
    var end = Nanoseconds.zero
    for record in records {
      guard case .packet(let packet) = record.content, packet.bytes.count >= 2 else { continue }
      let isFromCharger = packet.bytes[1] & 1 == 1
      let isGoodCRC = packet.bytes[0] & 0x1F == 1 && packet.bytes[1] & 0x70 == 0
      if isFromCharger, isGoodCRC {
        end = record.end ?? record.time
      } else if isFromCharger, asked {
        slowest = max(slowest, record.time - end)
        asked = false
      } else if !isFromCharger, !isGoodCRC {
        asked = packet.bytes.count >= 6 && packet.bytes[4] == 0x17 && packet.bytes[5] == 0x27
      }
    }
    return slowest
  }
}
