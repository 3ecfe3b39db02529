import Foundation
import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities

/// A source engine and a sink engine that attach, make a contract with every GoodCRC, and detach, over and over.
///
/// Nothing stands between them but virtual time: what is measured is the engines alone, the loop included.
struct HandshakeLoop {
  var source: PortEngine
  var sink: PortEngine
  var now = Instant.zero
  var eventCount = 0
  var contractCount = 0

  private var packet = ShortMessage(header: MessageHeader())
  private var packetIsFromSource = false
  private var hasPacket = false
  private var wantsSupply = false
  private var sourceSees = CCLevel.open
  private var sinkSees = CCLevel.open
  private var wantsDetach = false

  init(strategy: SinkStrategy) {
    var offer = PowerDataObjectList()
    for (volts, milliamperes) in [(5, 3_000), (9, 3_000), (15, 3_000), (20, 2_250)] as [(Int32, Int32)] {
      var object = FixedSupplySourcePDO()
      object.voltage = Millivolts(volts * 1_000)
      object.maximumCurrent = Milliamperes(milliamperes)
      offer.append(object.rawValue)
    }
    var pps = SPRPPSSourceAPDO()
    pps.minimumVoltage = Millivolts(3_300)
    pps.maximumVoltage = Millivolts(21_000)
    pps.maximumCurrent = Milliamperes(3_000)
    offer.append(pps.rawValue)
    source = PortEngine(
      PortConfiguration(roles: .sourceOnly),
      source: SourcePolicy(capabilities: offer, pdp: Milliwatts(45_000)))
    var wanted = PowerDataObjectList()
    wanted.append(0x0001_912C)
    sink = PortEngine(
      PortConfiguration(roles: .sinkOnly),
      sink: SinkPolicy(capabilities: wanted, strategy: strategy, operatingPower: Milliwatts(27_000)))
    toSource(.enable)
    toSink(.enable)
  }

  /// One handshake: attach, contract, detach.
  mutating func handshake() {
    let contracts = contractCount
    sourceSees = .rd
    toSource(.cc(CCLevels(.rd, .open)))
    sinkSees = .rp3000
    toSink(.cc(CCLevels(.rp3000, .open)))
    while contractCount < contracts + 2 { step() }
    while hasPacket { step() }
    toSource(.cc(CCLevels(.open, .open)))
    while source.connection != .unattachedSRC { step() }
    toSink(.cc(CCLevels(.open, .open)))
    toSink(.vbus(.safe0V))
  }

  @inline(__always) private mutating func step() {
    if hasPacket {
      hasPacket = false
      // 40 µs to turn the line round, then 30 bytes at most.
      now = now + Nanoseconds(40_000 + 340_000 + Int64(packet.wordCount) * 133_000)
      let message = packet
      if packetIsFromSource {
        toSource(.transmitted(.sent))
        toSink(.received(message))
      } else {
        toSink(.transmitted(.sent))
        toSource(.received(message))
      }
    } else if wantsSupply {
      wantsSupply = false
      now = now + Nanoseconds(5_000_000)
      toSource(.supply(.ready))
      toSink(.vbus(.present))
    } else {
      let first = source.nextDeadline ?? .distantFuture
      let second = sink.nextDeadline ?? .distantFuture
      now = max(now, min(first, second))
      if first <= now { toSource(.timeout) }
      if second <= now { toSink(.timeout) }
    }
  }

  @inline(__always) private mutating func toSource(_ event: PortEvent) {
    source.handle(event, at: now)
    eventCount += 1
    while let action = source.nextAction() {
      switch action {
      case .transmit(let message):
        packet = message
        packetIsFromSource = true
        hasPacket = true
      case .supply(.off): break
      case .supply: wantsSupply = true
      case .notify(.contract): contractCount += 1
      default: break
      }
    }
  }

  @inline(__always) private mutating func toSink(_ event: PortEvent) {
    sink.handle(event, at: now)
    eventCount += 1
    while let action = sink.nextAction() {
      switch action {
      case .transmit(let message):
        packet = message
        packetIsFromSource = false
        hasPacket = true
      case .notify(.contract): contractCount += 1
      default: break
      }
    }
  }
}

enum EngineBenchmarks {
  /// Handshakes per second, and nanoseconds per event: the median over single handshakes.
  static func handshakes(_ strategy: SinkStrategy, count: Int = 200_000) -> (Measurement, nanoseconds: Double)
  {
    var loop = HandshakeLoop(strategy: strategy)
    loop.handshake()
    let measurement = Measurement.run {
      for _ in 0..<count { loop.handshake() }
      return count
    }
    var each: [Double] = []
    each.reserveCapacity(20_000)
    for _ in 0..<20_000 {
      let events = loop.eventCount
      let start = DispatchTime.now().uptimeNanoseconds
      loop.handshake()
      let span = DispatchTime.now().uptimeNanoseconds - start
      each.append(Double(span) / Double(loop.eventCount - events))
    }
    each.sort()
    return (measurement, each[each.count / 2])
  }
}
