import Instruments
import Quantities
import Trace

// What is asked for, and what becomes of the answers.

extension DrPDListening {
  /// From this length on the queue may have overwritten records: it does so at 250 without a sign.
  private static let suspiciousLength = 200
  /// Records that are read in one turn; then what was read is handed on.
  private static let recordsPerTurn = 32

  /// Switches the capture on. At first what lies in the queue from before is thrown away.
  mutating func beginCapture(isFirst: Bool) throws(DrPDFault) {
    if isFirst {
      try link.command("BUS:CC:CAP:EN OFF")
      try link.command("BUS:CC:CAP:CLEAR")
    }
    let role = try link.ask("BUS:CC:ROLE?", DrPDRole.init(_:))
    if role.role == .disabled || role.role == .cableTest { try link.command("BUS:CC:ROLE OBSERVER") }
    take(role)
    vbusState = try link.ask("BUS:VBUS:STAT?", DrPDVBUSState.init(_:)).state
    try link.command("BUS:CC:CAP:EN ON")
    // The changes up to here are our own.
    _ = try link.ask("STAT:DEV?", DrPDStatus.init(_:))
    isCapturing = true
    mayHaveRecords = true
  }

  private mutating func take(_ role: DrPDRole) {
    if let state = role.attachment { attachment = state }
    if let source = role.source { line = source.line.hasPrefix("CC") ? source.line : "" }
  }

  mutating func lookAtStatus(_ pace: some InstrumentPace) throws(DrPDFault) {
    let status = try link.ask("STAT:DEV?", DrPDStatus.init(_:))
    if status.contains(.message) { mayHaveRecords = true }
    if !status.isDisjoint(with: [.role, .ccState]) { try lookAtCC(pace) }
    if status.contains(.vbus) { try lookAtVBUS(pace) }
    if status.contains(.capture) { try lookAtCapture(pace) }
  }

  private mutating func lookAtCC(_ pace: some InstrumentPace) throws(DrPDFault) {
    let before = attachment
    let role = try link.ask("BUS:CC:ROLE?", DrPDRole.init(_:))
    take(role)
    if role.attachment == nil {
      attachment = DrPDAttachment(rawValue: try link.ask("BUS:CC:ROLE:STAT?"))
    }
    guard attachment != before else { return }
    switch attachment {
    case .attached?: timeline.take(TraceEvent(.attach), at: pace.now())
    case .unattached?: timeline.take(TraceEvent(.detach), at: pace.now())
    default: break
    }
  }

  private mutating func lookAtVBUS(_ pace: some InstrumentPace) throws(DrPDFault) {
    let state = try link.ask("BUS:VBUS:STAT?", DrPDVBUSState.init(_:))
    guard state.state != vbusState else { return }
    vbusState = state.state
    let words = "the device has switched VBUS off (\(state.state))"
    switch state.state {
    case "OVP":
      timeline.take(
        TraceEvent(.overvoltage, text: words), at: hostTime(state.overvoltage) ?? pace.now())
    case "OCP":
      timeline.take(
        TraceEvent(.overcurrent, text: words), at: hostTime(state.overcurrent) ?? pace.now())
    default: break
    }
  }

  /// Somebody else may have switched the capture.
  private mutating func lookAtCapture(_ pace: some InstrumentPace) throws(DrPDFault) {
    let answer = try link.ask("BUS:CC:CAP:EN?")
    let isOn = answer == "ON" || answer == "1"
    guard isOn != isCapturing else { return }
    isCapturing = isOn
    timeline.take(
      TraceEvent(
        isOn ? .captureStarted : .captureStopped, text: "another program switched the capture"),
      at: pace.now())
  }

  /// Reads records; how many there are is asked for only when none is known to wait.
  mutating func drain(_ pace: some InstrumentPace) throws(DrPDFault) {
    if waiting == 0 {
      mayHaveRecords = false
      waiting = try link.ask("BUS:CC:CAP:COUNT?", DrPDNumber.count)
      suspectLoss(pace)
    }
    for _ in 0..<min(waiting, Self.recordsPerTurn) {
      let answer: [UInt8]
      do throws(DrPDFault) {
        answer = try link.askBlock("BUS:CC:CAP:DATA?")
      } catch {
        // Empty: somebody else reads or cleared the queue.
        guard error.isExecutionError else { throw error }
        waiting = 0
        return
      }
      waiting -= 1
      do throws(DrPDError) {
        take(try DrPDCaptureRecord(answer: answer.span))
      } catch {
        complain("a record cannot be read: \(error)", pace)
      }
    }
  }

  private mutating func suspectLoss(_ pace: some InstrumentPace) {
    guard waiting >= Self.suspiciousLength else {
      isNearlyFull = false
      return
    }
    mayHaveRecords = true
    if !isNearlyFull {
      complain(
        "\(waiting) records wait in the device, which overwrites the oldest at 250 without a sign:"
          + " the recording may lack some here", pace)
    }
    isNearlyFull = true
  }

  private mutating func take(_ capture: DrPDCaptureRecord) {
    let start = hostTime(capture.start)
    var record = TraceRecord(
      time: start ?? timeline.youngest, line: line,
      content: DrPDReading.content(of: capture, pulseRate: pulseRate))
    if capture.event != nil {
      record.line = ""
    } else if start != nil, let start = capture.start, let end = capture.end, end >= start {
      record.end = max(record.time, .zero) + Nanoseconds(end - start)
    }
    timeline.take(record)
  }

  mutating func measure() throws(DrPDFault) {
    let reading = try link.ask("MEAS:ALL?", DrPDMeasurement.init(_:))
    guard reading.time != lastMeasurement, let time = hostTime(reading.time) else { return }
    lastMeasurement = reading.time
    timeline.take(
      TraceRecord(
        time: time,
        content: .measurement(
          TraceMeasurement(
            vbus: reading.vbus, current: reading.current, cc1: reading.dutCC1, cc2: reading.dutCC2))))
  }

  private func hostTime(_ time: Microseconds?) -> Nanoseconds? { time.flatMap { clock.hostTime(of: $0) } }
}
