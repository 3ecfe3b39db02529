import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Trace

@testable import Simulator

/// A link with everything recorded, and what tests ask of the recording.
struct Scene {
  var link: Link

  init(
    _ charger: PortSetup = ChargerModel(.pps, power: Milliwatts(45_000)).setup,
    _ phone: PortSetup = PhoneModel.pd3Fixed.setup, cable: Cable = Cable(.plain), seed: UInt64 = 1
  ) {
    link = Link(LinkConfiguration(charger: charger, phone: phone, cable: cable), seed: seed)
    link.recorder.isOn = true
    link.watcher.isOn = true
    link.perform(.plugIn)
  }

  init(phone: PhoneModel, _ misbehaviour: Misbehaviour) {
    var setup = phone.setup
    setup.misbehaviours = MisbehaviourList(misbehaviour)
    self.init(ChargerModel(.pps, power: Milliwatts(45_000)).setup, setup)
  }

  init(charger misbehaviour: Misbehaviour) {
    var setup = ChargerModel(.pps, power: Milliwatts(45_000)).setup
    setup.misbehaviours = MisbehaviourList(misbehaviour)
    self.init(setup)
  }

  mutating func run(milliseconds: Int64) {
    link.run(until: link.now + Nanoseconds(milliseconds * 1_000_000))
  }

  struct Packet {
    var time: Instant
    var end: Instant
    var header: MessageHeader
    var set: OrderedSet
    var isSound: Bool
    var bytes: [UInt8]

    /// The first data object.
    var object: UInt32 {
      guard bytes.count >= 6 else { return 0 }
      return UInt32(bytes[2]) | UInt32(bytes[3]) << 8 | UInt32(bytes[4]) << 16 | UInt32(bytes[5]) << 24
    }
    var isGoodCRC: Bool { header.messageType == 1 && header.numberOfDataObjects == 0 && !header.extended }
    /// By the header, which a port that claims the wrong role sets wrong.
    var isSource: Bool { header.portPowerRole == .source }

    func isControl(_ type: ControlMessageType) -> Bool {
      header.numberOfDataObjects == 0 && !header.extended && header.messageType == type.rawValue
    }
    func isData(_ type: DataMessageType) -> Bool {
      header.numberOfDataObjects > 0 && !header.extended && header.messageType == type.rawValue
    }
  }

  /// The packets on the wire so far, in the order of time.
  mutating func packets() -> [Packet] {
    link.recorder.drain().compactMap { record in
      guard case .packet(let packet) = record.content, let set = packet.orderedSet else { return nil }
      return Packet(
        time: Instant(nanoseconds: record.time.rawValue),
        end: Instant(nanoseconds: record.end?.rawValue ?? record.time.rawValue),
        header: MessageHeader(rawValue: UInt16(packet.bytes[0]) | UInt16(packet.bytes[1]) << 8), set: set,
        isSound: packet.isSound, bytes: packet.bytes)
    }
  }

  /// How many Hard Resets were signalled.
  mutating func hardResets() -> Int {
    link.recorder.drain().count { $0.content == .reset(.hardReset) }
  }

  /// What an engine told its user.
  mutating func notices(_ side: Side) -> [PortNotice] {
    link.watcher.drain().compactMap {
      if case .notice(side, let notice) = $0.content { notice } else { nil }
    }
  }
}
