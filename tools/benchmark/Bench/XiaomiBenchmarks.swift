import Foundation
import PortEngine
import PowerDelivery
import Quantities
import Simulator
import XiaomiCharge
import XiaomiKeys

/// Xiaomi's dialogue: all of it in the simulated world, and the charger's answers by the clock.
enum XiaomiBenchmarks {
  /// From attach over the first contract and the dialogue, both digests real, to the contract of 120 W.
  static func dialogues() -> Measurement {
    var link = chargedLink()
    var seed: UInt64 = 0
    return Measurement.run(rounds: 5) {
      var reached = 0
      for _ in 0..<5_000 {
        seed += 1
        link.restart(seed: seed)
        if charge(&link) { reached += 1 }
      }
      return reached
    }
  }

  private static func chargedLink() -> Link {
    let keys = SyntheticKeys.right
    return Link(
      .xiaomi(.watts120, keys: .provider(keys), phone: XiaomiPhoneProfile(), phoneKeys: keys), seed: 0)
  }

  private static func charge(_ link: inout Link) -> Bool {
    link.perform(.plugIn)
    while link.ports[1].engine.contract?.supply != .sprPPS {
      guard link.step(), link.now < Instant(nanoseconds: 1_000_000_000) else { return false }
    }
    return true
  }

  /// The charger's share of an answer to AUTHENTICATION in nanoseconds of real time: message in, GoodCRC, digest, answer
  /// ready to be sent. Median, 99 % and the longest.
  static func answers(count: Int = 50_000) -> (median: Double, most: Double, longest: Double) {
    var link = chargedLink()
    guard charge(&link) else { return (.nan, .nan, .nan) }
    var port = AnsweringPort(engine: link.ports[0].engine, now: link.now)
    port.settle()
    var spans: [Double] = []
    spans.reserveCapacity(count)
    for number in 0..<count {
      port.receive(.seed(XiaomiOctets(1, 2, 3, UInt32(number))))
      let start = DispatchTime.now().uptimeNanoseconds
      port.receive(.challenge(XiaomiOctets(UInt32(number), 7, 8, 9)))
      spans.append(Double(DispatchTime.now().uptimeNanoseconds - start))
    }
    spans.sort()
    guard port.answers == 2 * count else { return (.nan, .nan, .nan) }
    return (spans[count / 2], spans[count * 99 / 100], spans[count - 1])
  }
}

/// A charger's port that has a contract, with the machine above it and nothing below: packets leave at once.
private struct AnsweringPort {
  var engine: PortEngine
  var charger = XiaomiCharger(XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819)))
  var now: Instant
  var answers = 0
  private var messageID: UInt8 = 0

  init(engine: PortEngine, now: Instant) {
    self.engine = engine
    self.now = now
  }

  /// A Soft_Reset by hand: both count from zero, and the port is ready.
  mutating func settle() {
    feed(.received(message(ShortMessage(.softReset, header: MessageHeader()))))
    messageID = 0
    var request = ShortMessage(.request, header: MessageHeader())
    request.append(0x1304_B12C)
    for _ in 0..<200 where engine.state != .srcReady {
      if engine.state == .srcSendCapabilities { feed(.received(message(request))) }
      now = max(now, engine.nextDeadline ?? now)
      feed(.timeout)
      feed(.supply(.ready))
    }
    answers = 0
  }

  mutating func receive(_ content: XiaomiContent) {
    feed(.received(message(content.message().message(header: MessageHeader()))))
    now = now + Nanoseconds(2_000_000)
  }

  private mutating func message(_ content: ShortMessage) -> ShortMessage {
    var message = content
    message.header.portPowerRole = .sink
    message.header.portDataRole = engine.dataRole == .upstreamFacing ? .downstreamFacing : .upstreamFacing
    message.header.specificationRevision = .revision3
    message.header.messageID = messageID
    messageID = (messageID + 1) & 7
    return message
  }

  private mutating func feed(_ event: PortEvent) {
    engine.handle(event, at: now)
    while let action = engine.nextAction() {
      switch action {
      case .transmit(let packet): sent(packet)
      case .notify(let notice):
        guard let event = XiaomiChargerEvent(notice, role: engine.powerRole) else { continue }
        take(event)
      default: break
      }
    }
  }

  /// The packet leaves, and is acknowledged.
  private mutating func sent(_ packet: ShortMessage) {
    engine.handle(.transmitted(.sent), at: now)
    guard !packet.isGoodCRC else { return }
    if packet.kind == .data(.vendorDefined) { answers += 1 }
    var acknowledgement = ShortMessage(.goodCRC, header: packet.header)
    acknowledgement.header.portPowerRole = .sink
    acknowledgement.header.portDataRole =
      engine.dataRole == .upstreamFacing ? .downstreamFacing : .upstreamFacing
    engine.handle(.received(acknowledgement), at: now)
  }

  private mutating func take(_ event: XiaomiChargerEvent) {
    charger.handle(event, at: now)
    while let action = charger.nextAction() {
      if let request = action.request { engine.handle(.request(request), at: now) }
      if case .computeDigest(let question) = action {
        take(.digest(question, SyntheticKeys.right.digest(question)))
      }
    }
  }
}
