import Quantities

/// Lines of a logic analyser: bit n of a sample is line n.
public struct LineSet: OptionSet, Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
  /// One line, 0 to 63; other numbers give the empty set.
  @inlinable public init(line: Int) { rawValue = line >= 0 && line < 64 ? 1 &<< UInt64(line) : 0 }
}

/// Samples of a logic analyser to packets, on up to sixteen lines at once.
///
/// Samples are little-endian units of 1 to 8 bytes. Chunks may have any size, also not a whole number of
/// units: the bytes of a unit that a chunk begins and the next one ends are kept. Stretches without a
/// change on a watched line are skipped 64 bytes at a time where the unit is 1, 2, 4 or 8 bytes.
public struct SampleScanner: Sendable {
  /// The most lines that can be watched.
  public static var maximumLines: Int { 16 }

  /// The samples' rate; a tick is a sample, and sample 0 is the first one given.
  public let rate: TickRate
  /// Bytes of a sample.
  public let unitSize: Int
  /// The watched lines.
  public let lines: LineSet

  /// By rank of the line among the watched ones.
  private var receivers: InlineArray<16, BMCReceiver>
  private var activities: InlineArray<16, LineActivity>
  private let lineCount: Int
  /// Samples taken.
  private var position: UInt64 = 0
  private var search: SampleSearch
  /// The first bytes of a unit whose last bytes have not come yet.
  private var begun: UInt64 = 0
  private var begunCount = 0

  /// Nil when `unitSize` is not 1 to 8, no line or more than sixteen are to be watched, or one is not in a
  /// sample.
  public init?(rate: TickRate, unitSize: Int, lines: LineSet) {
    guard unitSize >= 1, unitSize <= 8 else { return nil }
    let inUnit: UInt64 = unitSize == 8 ? .max : (1 &<< UInt64(unitSize &* 8)) &- 1
    guard lines.rawValue & ~inUnit == 0, !lines.isEmpty else { return nil }
    lineCount = lines.rawValue.nonzeroBitCount
    guard lineCount <= SampleScanner.maximumLines else { return nil }
    self.rate = rate
    self.unitSize = unitSize
    self.lines = lines
    search = SampleSearch(unitSize: unitSize, mask: lines.rawValue)
    receivers = InlineArray(repeating: BMCReceiver(rate: rate))
    activities = InlineArray(repeating: LineActivity(rate: rate))
  }

  /// Samples taken so far, whole ones.
  public var time: Ticks { Ticks(position) }

  /// Takes the next bytes of the recording, and hands every event to `report` with the number of its line,
  /// in the order in which they are recognised.
  public mutating func scan(_ chunk: Span<UInt8>, report: (Int, LineEvent) -> Void) {
    var start = 0
    while begunCount > 0, start < chunk.count {
      begun |= UInt64(chunk[start]) &<< UInt64(truncatingIfNeeded: begunCount &* 8)
      begunCount &+= 1
      start &+= 1
      if begunCount == unitSize {
        take(begun & lines.rawValue, report)
        position &+= 1
        begun = 0
        begunCount = 0
      }
    }
    let whole = (chunk.count &- start) / unitSize &* unitSize
    unsafe chunk.withUnsafeBytes { bytes in
      unsafe scanUnits(UnsafeRawBufferPointer(rebasing: bytes[start..<(start &+ whole)]), report)
    }
    for index in (start &+ whole)..<chunk.count {
      begun |= UInt64(chunk[index]) &<< UInt64(truncatingIfNeeded: begunCount &* 8)
      begunCount &+= 1
    }
    for rank in 0..<lineCount {
      // The span keeps the array in place; its own subscript would copy it.
      var all = receivers.mutableSpan
      if let event = all[rank].still(until: position) { take(event, rank, report) }
      var bursts = activities.mutableSpan
      if let event = bursts[rank].still(until: position) { report(line(rank), event) }
    }
  }

  /// Tells that the recording has ended: reports the transmissions that are under way.
  public mutating func finish(report: (Int, LineEvent) -> Void) {
    for rank in 0..<lineCount {
      var all = receivers.mutableSpan
      if let event = all[rank].finish() { take(event, rank, report) }
      var bursts = activities.mutableSpan
      if let event = bursts[rank].settle() { report(line(rank), event) }
    }
  }

  // MARK: Changes

  /// The line with so many watched ones below it.
  private func line(_ rank: Int) -> Int {
    var rest = lines.rawValue
    for _ in 0..<rank { rest &= rest &- 1 }
    return rest.trailingZeroBitCount
  }

  /// Takes the watched bits of the sample at `position`.
  private mutating func take(_ sample: UInt64, _ report: (Int, LineEvent) -> Void) {
    var changed = position == 0 ? 0 : sample ^ search.levels
    search.levels = sample
    while changed != 0 {
      let bit = changed & (0 &- changed)
      changed &= changed &- 1
      let rank = (lines.rawValue & (bit &- 1)).nonzeroBitCount
      var bursts = activities.mutableSpan
      if let event = bursts[rank].edge(at: position) { report(bit.trailingZeroBitCount, event) }
      var all = receivers.mutableSpan
      if let event = all[rank].edge(at: position) { take(event, rank, report) }
    }
  }

  /// Holds an event back until its line rests.
  private mutating func take(_ event: LineEvent, _ rank: Int, _ report: (Int, LineEvent) -> Void) {
    var bursts = activities.mutableSpan
    if let complete = bursts[rank].take(event) { report(line(rank), complete) }
  }

  // MARK: Search

  /// Takes whole units.
  private mutating func scanUnits(_ bytes: UnsafeRawBufferPointer, _ report: (Int, LineEvent) -> Void) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    if position == 0 { search.levels = unsafe search.sample(base) & lines.rawValue }
    let end = unsafe base + bytes.count
    let first = position
    var cursor = unsafe base
    while unsafe cursor < end {
      unsafe cursor = search.next(cursor, end)
      guard unsafe cursor < end else { break }
      position = first &+ UInt64(truncatingIfNeeded: unsafe (cursor - base) / unitSize)
      unsafe take(search.sample(cursor) & lines.rawValue, report)
      unsafe cursor += unitSize
    }
    position = first &+ UInt64(truncatingIfNeeded: bytes.count / unitSize)
  }
}
