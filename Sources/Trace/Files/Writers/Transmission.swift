import LineCode
import Quantities

/// The pulses of a packet or a reset signal.
struct Transmission {
  private(set) var pulses: [LinePulse] = []

  /// `nil` for what is not on the line.
  init?(_ content: TraceRecord.Content, rate: TickRate) {
    switch content {
    case .packet(let packet): append(packet, rate: rate)
    case .reset(let set): append(set, [], rate: rate)
    case .event, .measurement: return nil
    }
    if pulses.isEmpty { return nil }
  }

  private mutating func append(_ packet: TracePacket, rate: TickRate) {
    let bytes = Array(packet.bytes.prefix(LineFrame.longestMessage))
    var crc = packet.crc
    var bitLimit: Int?
    switch packet.validity {
    case .crcWrong: crc = crc ?? ~CRC32(of: bytes.span).value
    case .damaged: bitLimit = 64 + 20 + 10 * bytes.count
    case .crcHolds, .notChecked: break
    }
    if bytes.count < packet.bytes.count { bitLimit = 64 + 20 + 10 * bytes.count }
    let noSet = packet.orderedSet == nil ? SymbolQuadruple(rawValue: 0) : nil
    append(
      packet.orderedSet ?? .sop, bytes, crc: crc, symbols: noSet, bitLimit: bitLimit, rate: rate,
      bitRate: packet.bitRate)
  }

  private mutating func append(
    _ set: OrderedSet, _ bytes: [UInt8], crc: UInt32? = nil, symbols: SymbolQuadruple? = nil,
    bitLimit: Int? = nil, rate: TickRate, bitRate: BitsPerSecond? = nil
  ) {
    guard let frame = LineFrame(set, message: bytes.span, crc: crc, symbols: symbols) else { return }
    var timing = LineTiming(rate: rate)
    if let bitRate, (270_000...330_000).contains(bitRate.rawValue) { timing.bitRate = bitRate }
    var bits = frame
    var pulseLimit = Int.max
    if let bitLimit {
      // A 1 has an edge in its middle.
      pulseLimit = (0..<bitLimit).reduce(0) { count, _ in count + (bits.nextBit() == true ? 2 : 1) }
    }
    var encoder = LineEncoder(frame, timing: timing)
    while pulses.count < pulseLimit, let pulse = encoder.nextPulse() { pulses.append(pulse) }
  }
}
