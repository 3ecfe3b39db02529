import LineCode
import Quantities

/// Writes a sigrok session (`.sr`) with the packets and resets as samples of one CC line.
///
/// Events and measurements are left out. A packet without a received CRC gets the right one, a damaged packet breaks off
/// where its bytes end. A packet that would begin before the line is free, because the source tells time in whole
/// milliseconds, begins 25 µs (tInterFrameGap) behind the one before.
public struct SigrokWriter: TraceWriter {
  private let archive: ZipArchiveWriter
  private let fileName: String
  private let rate: TickRate
  /// Samples of the member that is being filled.
  private var samples: [UInt8] = []
  private var members = 0
  /// Samples so far, those not yet written included.
  private var position: UInt64 = 0
  /// Long idle times consist of this member again and again.
  private var idleMember: ZipArchiveWriter.Packed?

  private static let memberLength = 1 << 22
  private static let idle: UInt8 = 1
  /// The line is held behind a transmission (tHoldLowBMC, at least 1 µs), then let go.
  private static let hold = Nanoseconds(5_000)
  private static let gap = Nanoseconds(25_000)

  /// - Parameters:
  ///   - path: the file to create; `-` is the standard output.
  ///   - samplesPerSecond: 2,000,000 to 200,000,000; default 4,000,000.
  ///   - line: the name of the line.
  /// - Throws: `TraceWriteError`.
  public init(path: String, samplesPerSecond: UInt64 = 4_000_000, line: String = "CC1") throws {
    guard (2_000_000...200_000_000).contains(samplesPerSecond) else {
      throw TraceWriteError(
        file: path, reason: "a sample rate of 2 to 200 MHz is possible, not \(samplesPerSecond) Hz")
    }
    guard !line.isEmpty, !line.contains(where: \.isNewline) else {
      throw TraceWriteError(file: path, reason: "a line needs a name in one line of text")
    }
    let file = try OutputFile(path: path)
    archive = ZipArchiveWriter(file)
    fileName = file.name
    rate = TickRate(hertz: samplesPerSecond)
    samples.reserveCapacity(Self.memberLength)
    try addText("version", "2")
    try addText("metadata", Self.metadata(samplesPerSecond, line))
  }

  public mutating func write(_ record: TraceRecord) throws {
    guard let transmission = Transmission(record.content, rate: rate) else { return }
    let free = position + rate.ticks(Self.gap).rawValue
    try idle(until: max(rate.ticks(record.time).rawValue, free))
    for pulse in transmission.pulses { try append(pulse.isHigh ? 1 : 0, pulse.length.rawValue) }
    // Whatever the last level was: the edge that ends the last bit is needed.
    let level: UInt8 = transmission.pulses.last?.isHigh == true ? 0 : 1
    try append(level, rate.ticks(Self.hold).rawValue)
  }

  /// Ends the recording a millisecond behind the last packet with an edge, for which sigrok's own decoder waits before
  /// it shows that packet.
  public mutating func finish() throws {
    try append(Self.idle, rate.rawValue / 1000)
    try append(0, rate.rawValue / 1000)
    if !samples.isEmpty { try writeMember() }
    try archive.finish()
  }

  private func addText(_ name: String, _ text: String) throws {
    let bytes = Array(text.utf8)
    try archive.add(name, try ZipArchiveWriter.pack(bytes.span, fileName: fileName))
  }

  private static func metadata(_ rate: UInt64, _ line: String) -> String {
    let frequency = rate.isMultiple(of: 1_000_000) ? "\(rate / 1_000_000) MHz" : "\(rate) Hz"
    return """
      [global]
      sigrok version=0.5.2

      [device 1]
      capturefile=logic-1
      total probes=1
      samplerate=\(frequency)
      total analog=0
      probe1=\(line)
      unitsize=1

      """
  }

  // MARK: Samples

  private mutating func idle(until end: UInt64) throws {
    let (last, overflow) = UInt64(ZipArchiveWriter.mostMembers).multipliedReportingOverflow(
      by: UInt64(Self.memberLength))
    guard end > position else { return }
    guard overflow || end < last else {
      throw TraceWriteError(file: fileName, reason: "the recording is too long for a sigrok session")
    }
    try append(Self.idle, end - position)
  }

  private mutating func append(_ level: UInt8, _ count: UInt64) throws {
    var left = count
    while left > 0 {
      if samples.isEmpty && level == Self.idle && left >= UInt64(Self.memberLength) {
        try writeIdleMember()
        left -= UInt64(Self.memberLength)
        position += UInt64(Self.memberLength)
        continue
      }
      let step = Int(min(left, UInt64(Self.memberLength - samples.count)))
      samples.append(contentsOf: repeatElement(level, count: step))
      left -= UInt64(step)
      position += UInt64(step)
      if samples.count == Self.memberLength { try writeMember() }
    }
  }

  private mutating func writeMember() throws {
    let packed = try ZipArchiveWriter.pack(samples.span, fileName: fileName)
    samples.removeAll(keepingCapacity: true)
    try add(packed)
  }

  private mutating func writeIdleMember() throws {
    let packed: ZipArchiveWriter.Packed
    if let idleMember {
      packed = idleMember
    } else {
      let level = [UInt8](repeating: Self.idle, count: Self.memberLength)
      packed = try ZipArchiveWriter.pack(level.span, fileName: fileName)
      idleMember = packed
    }
    try add(packed)
  }

  private mutating func add(_ packed: ZipArchiveWriter.Packed) throws {
    members += 1
    try archive.add("logic-1-\(members)", packed)
  }
}
