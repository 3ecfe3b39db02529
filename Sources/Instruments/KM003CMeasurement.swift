public import Quantities

/// What one ADC reply of a KM003C holds (attribute 1, 44 bytes).
public struct KM003CMeasurement: Equatable, Sendable {
  public var vbus: Microvolts
  /// Positive from the female to the male side of the meter.
  public var current: Microamperes
  public var vbusAverage: Microvolts
  public var currentAverage: Microamperes
  public var vbusRawAverage: Microvolts
  public var currentRawAverage: Microamperes
  /// `nil` where the meter marks it invalid (KM002C).
  public var temperature: MillidegreesCelsius?
  public var cc1: Microvolts
  public var cc2: Microvolts
  public var dPlus: Microvolts
  public var dMinus: Microvolts
  /// The meter's own supply.
  public var vdd: Microvolts
  /// 0 to 4.
  public var rateIndex: UInt8
  /// Meaning unknown; 0x80 has been seen.
  public var flags: UInt8
  public var cc2Average: Millivolts
  public var dPlusAverage: Millivolts
  public var dMinusAverage: Millivolts

  /// - Throws: `KM003CError.length` unless at least 44 bytes are there.
  public init(_ payload: Span<UInt8>) throws(KM003CError) {
    guard payload.count >= 44 else { throw .length(attribute: 1, payload.count) }
    func signed(_ offset: Int) -> Int32 { payload.littleEndian(Int32.self, at: offset) ?? 0 }
    func unsigned(_ offset: Int) -> Int32 { Int32(payload.littleEndian(UInt16.self, at: offset) ?? 0) }
    vbus = Microvolts(signed(0))
    current = Microamperes(signed(4))
    vbusAverage = Microvolts(signed(8))
    currentAverage = Microamperes(signed(12))
    vbusRawAverage = Microvolts(signed(16))
    currentRawAverage = Microamperes(signed(20))
    let heat = payload.littleEndian(Int16.self, at: 24) ?? .min
    temperature = heat == .min ? nil : MillidegreesCelsius(Int32(heat) * 1000 / 128)
    cc1 = Microvolts(unsigned(26) * 100)
    cc2 = Microvolts(unsigned(28) * 100)
    dPlus = Microvolts(unsigned(30) * 100)
    dMinus = Microvolts(unsigned(32) * 100)
    vdd = Microvolts(unsigned(34) * 100)
    rateIndex = payload[36]
    flags = payload[37]
    cc2Average = Millivolts(unsigned(38))
    dPlusAverage = Millivolts(unsigned(40))
    dMinusAverage = Millivolts(unsigned(42))
  }
}

/// The rates at which a KM003C fills its queue of samples.
public enum KM003CSampleRate: UInt8, CaseIterable, Sendable {
  case perSecond2, perSecond10, perSecond50, perSecond1000

  /// What one count of the CC and D± columns stands for.
  public var potentialPerCount: Microvolts { Microvolts(self == .perSecond2 ? 100 : 1000) }
}

/// One sample of the queue (attribute 2).
public struct KM003CSample: Equatable, Sendable {
  /// Device time in ms, modulo 65,536.
  public var sequence: UInt16
  /// Meaning unknown.
  public var marker: UInt16
  public var vbus: Microvolts
  public var current: Microamperes
  /// Counts; `KM003CSampleRate.potentialPerCount` gives their weight.
  public var cc1Counts: UInt16
  public var cc2Counts: UInt16
  public var dPlusCounts: UInt16
  public var dMinusCounts: UInt16

  /// - Throws: `KM003CError.length` unless at least 20 bytes are there.
  public init(_ bytes: Span<UInt8>) throws(KM003CError) {
    guard bytes.count >= 20 else { throw .length(attribute: 2, bytes.count) }
    func unsigned(_ offset: Int) -> UInt16 { bytes.littleEndian(UInt16.self, at: offset) ?? 0 }
    sequence = unsigned(0)
    marker = unsigned(2)
    vbus = Microvolts(bytes.littleEndian(Int32.self, at: 4) ?? 0)
    current = Microamperes(bytes.littleEndian(Int32.self, at: 8) ?? 0)
    cc1Counts = unsigned(12)
    cc2Counts = unsigned(14)
    dPlusCounts = unsigned(16)
    dMinusCounts = unsigned(18)
  }

  /// All samples of a logical packet. The size field is the size of one sample.
  /// - Throws: `KM003CError.length` when a sample is shorter than 20 bytes.
  public static func samples(of packet: KM003CPacket.LogicalPacket) throws(KM003CError) -> [KM003CSample] {
    let payload = packet.payload.span
    var samples: [KM003CSample] = []
    for index in 0..<Int(packet.chunk) {
      let start = index * Int(packet.size)
      guard start + Int(packet.size) <= payload.count else { break }
      samples.append(try KM003CSample(payload.extracting(start..<start + Int(packet.size))))
    }
    return samples
  }
}
