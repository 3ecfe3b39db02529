import Instruments
import LineCode
import Quantities
import Trace
import USBTransport

/// One listening with a CY4500: two streams, brought into the order of time.
struct CY4500Listening {
  let device: USBDevice
  let endpoints: CY4500.Endpoints
  let scale: CY4500Scale
  let samplesPerMeasurement: Int
  /// One stream may be read later than the other.
  var timeline = RecordTimeline(window: Nanoseconds(Milliseconds(250)))
  private var packets: USBStreamReader
  private var scope: USBStreamReader
  private var clock = StreamClock()
  /// The last time of the device, beyond its 32 bits.
  private var latest: Int64?
  private var lastNumber: UInt32?
  private var samples: [CY4500Sample] = []

  private static let interval = Nanoseconds(Milliseconds(5))
  private static let commandTime = Milliseconds(500)
  private static let replyTime = Milliseconds(20)
  private static let attempts = 3

  init(
    device: USBDevice, endpoints: CY4500.Endpoints, scale: CY4500Scale, samplesPerMeasurement: Int
  ) {
    self.device = device
    self.endpoints = endpoints
    self.scale = scale
    self.samplesPerMeasurement = samplesPerMeasurement
    packets = USBStreamReader(device, endpoints.packets, transfers: 8, size: CY4500Record.length)
    scope = USBStreamReader(device, endpoints.scope, transfers: 8, size: CY4500Sample.blockLength)
  }

  mutating func run(
    _ pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(USBError) {
    // One that was left running is stopped first.
    try command(.stop)
    try packets.start()
    defer { packets.stop() }
    try scope.start()
    defer { scope.stop() }
    try command(.start)
    repeat {
      let now = pace.now()
      let heard = try packets.take()
      let measured = try scope.take()
      for piece in measured.pieces { takeScope(piece, now) }
      for piece in heard.pieces { takePackets(piece, now) }
      for (lost, fault) in [(heard.lost, heard.fault), (measured.lost, measured.fault)] {
        if lost > 0 { complain("\(lost) transfers came faster than they were read and are lost", now) }
        if let fault { complain("a stream broke off and was begun anew: \(fault)", now) }
      }
      timeline.pass(pace.now())
      while let record = timeline.popFirst() { body(record) }
    } while pace.wait(until: pace.now() + Self.interval)
    // A device that does not listen any more is left alone.
    try? device.write(CY4500Command.stop.bytes, to: endpoints.commands, timeout: Self.commandTime)
  }

  /// Tells the device; whether it answers this is not known, so an answer is taken and none is no fault.
  private func command(_ command: CY4500Command) throws(USBError) {
    for attempt in 1...Self.attempts {
      do throws(USBError) {
        try device.write(command.bytes, to: endpoints.commands, timeout: Self.commandTime)
        break
      } catch {
        guard error.isWorthAnotherTry, attempt < Self.attempts else { throw error }
        try device.clearHalt(endpoints.commands)
      }
    }
    do throws(USBError) {
      _ = try device.read(endpoints.replies, capacity: CY4500Record.length, timeout: Self.replyTime)
    } catch {
      guard error.isWorthAnotherTry else { throw error }
      if case .timedOut = error.cause { return }
      try device.clearHalt(endpoints.replies)
    }
  }

  // MARK: Packets

  private mutating func takePackets(_ piece: [UInt8], _ now: Nanoseconds) {
    for start in stride(from: 0, to: piece.count, by: CY4500Record.length) {
      let bytes = piece.span.extracting(start..<min(start + CY4500Record.length, piece.count))
      do throws(CY4500Error) {
        // The filler ends what a transfer holds.
        guard let record = try CY4500Record(bytes) else { return }
        take(record, now)
      } catch {
        complain("a transfer cannot be read: \(error)", now)
      }
    }
  }

  private mutating func take(_ record: CY4500Record, _ now: Nanoseconds) {
    if let last = lastNumber, record.number != last &+ 1 {
      let missing = record.number &- last &- 1
      complain(
        missing < 1 << 31
          ? "\(missing) packets are missing: the device counts them" : "the device counts its packets anew",
        now)
    }
    lastNumber = record.number
    let start = time(record.start, now)
    let length = Microseconds(Int64(record.end &- record.start))
    let isSound = length.rawValue < 1_000_000
    timeline.take(
      TraceRecord(
        time: start, end: isSound ? max(start, .zero) + Nanoseconds(length) : nil, content: content(record)))
  }

  private func content(_ record: CY4500Record) -> TraceRecord.Content {
    if let set = record.orderedSet, !set.startsPacket { return .reset(set) }
    return .packet(
      TracePacket(
        orderedSet: record.orderedSet, bytes: record.message, validity: validity(record)))
  }

  private func validity(_ record: CY4500Record) -> TracePacket.Validity {
    let faults = record.faults
    if record.orderedSet == nil { return .damaged(reason: "no known ordered set") }
    if faults.contains(.endOfPacket) { return .damaged(reason: "the analyzer reports: no end of packet") }
    if faults.contains(.idle) { return .damaged(reason: "the analyzer reports: the line went idle") }
    let held = CY4500Record.dataLength + 2
    if record.messageLength > held {
      return .damaged(reason: "the analyzer keeps \(held) of \(record.messageLength) bytes")
    }
    if faults.contains(.crc) { return .crcWrong }
    return faults.contains(.none) ? .notChecked : .damaged(reason: "the analyzer does not call it good")
  }

  // MARK: Scope

  private mutating func takeScope(_ piece: [UInt8], _ now: Nanoseconds) {
    for sample in CY4500Sample.samples(piece.span) {
      samples.append(sample)
      guard samples.count >= samplesPerMeasurement else { continue }
      // The last sample is the one that has just come.
      let end = time(sample.time, now)
      timeline.take(TraceRecord(time: end, content: .measurement(mean())))
      samples.removeAll(keepingCapacity: true)
    }
  }

  private func mean() -> TraceMeasurement {
    func mean(_ value: (CY4500Sample) -> Int32) -> Int32 {
      Int32(clamping: samples.reduce(Int64(0)) { $0 + Int64(value($1)) } / Int64(max(samples.count, 1)))
    }
    return TraceMeasurement(
      vbus: Millivolts(mean { scale.vbus(UInt32($0.vbusCount)).rawValue }),
      current: Milliamperes(mean { scale.current($0.currentCount).rawValue }),
      cc1: Millivolts(mean { scale.cc($0.cc1Count).rawValue }),
      cc2: Millivolts(mean { scale.cc($0.cc2Count).rawValue }))
  }

  // MARK: Time

  /// The host's time at a time of the device, whose 32 bits go round after 71 minutes.
  private mutating func time(_ device: UInt32, _ now: Nanoseconds) -> Nanoseconds {
    var extended = Int64(device)
    if let latest {
      extended = latest &+ Int64(Int32(bitPattern: device &- UInt32(truncatingIfNeeded: latest)))
    }
    latest = max(latest ?? extended, extended)
    if clock.take(Microseconds(extended), at: now) {
      latest = extended
      complain(
        "the clock of the device has jumped: times in front of this and behind it do not belong together",
        now)
    }
    return clock.hostTime(of: Nanoseconds(Microseconds(extended))) ?? now
  }

  private mutating func complain(_ text: String, _ now: Nanoseconds) {
    timeline.take(TraceEvent(.other, text: text), at: now)
  }
}
