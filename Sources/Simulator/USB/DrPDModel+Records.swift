public import LineCode
public import Quantities

// Records as the decoder of the device makes them.

extension DrPDModel {
  /// The record of a packet or a reset signal that begins at a time of the device's clock.
  /// - Parameters:
  ///   - result: what the decoder says of it; 3 for a Cable Reset, which it does not know.
  ///   - crc: another CRC than the right one.
  public static func record(
    _ set: OrderedSet, _ message: [UInt8] = [], at time: Microseconds, result: UInt32? = nil,
    crc: UInt32? = nil, habits: Habits = Habits()
  ) -> Record {
    var pulses = pulses(set, message, crc, skew: habits.skew)
    let length = Microseconds((pulses.reduce(0) { $0 + Int64($1) } + 50) / 100)
    if habits.cutsFirstPulse, !pulses.isEmpty { pulses[0] = pulses[0] * 3 / 4 }
    let sum = crc ?? CRC32(of: message.span).value
    let data = set.startsPacket ? message + little(sum) : []
    let end = time + length + habits.endExcess
    let code = result ?? (set == .cableReset ? 3 : crc == nil ? 0 : 2)
    return Record(
      time: end,
      payload: payload(
        start: habits.hidesStart ? .max : UInt64(time.rawValue), end: UInt64(end.rawValue), code,
        (0..<4).map { set.symbols[$0].rawValue }, pulses, data))
  }

  /// The record of something that the firmware itself reports.
  public static func event(type: UInt32, _ text: String, at time: Microseconds) -> Record {
    let moment = UInt64(time.rawValue)
    return Record(
      time: time,
      payload: payload(
        start: moment, end: moment, 0xFFFF_FFFF, [0, 0, 0, 0], [], little(type) + Array(text.utf8)))
  }

  /// A record of any content.
  public static func payload(
    start: UInt64, end: UInt64, _ result: UInt32, _ kCodes: [UInt8], _ pulses: [UInt16], _ data: [UInt8]
  ) -> [UInt8] {
    little(start) + little(end) + little(result) + kCodes + little(UInt32(pulses.count))
      + pulses.flatMap { little($0) } + little(UInt32(data.count)) + data
  }

  /// The widths between the edges of a transmission, in steps of 10 ns.
  static func pulses(_ set: OrderedSet, _ message: [UInt8], _ crc: UInt32?, skew: Nanoseconds) -> [UInt16] {
    guard let frame = LineFrame(set, message: message.span, crc: crc) else { return [] }
    // The list ends with the last edge of EOP: a bit is one pulse or two.
    var bits = frame
    var count = 0
    while let bit = bits.nextBit() { count += bit ? 2 : 1 }
    let rate = TickRate(hertz: 100_000_000)
    var encoder = LineEncoder(frame, timing: LineTiming(rate: rate, skew: skew))
    var pulses: [UInt16] = []
    while pulses.count < count, let pulse = encoder.nextPulse() {
      pulses.append(UInt16(clamping: pulse.length.rawValue))
    }
    return pulses
  }

  static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
