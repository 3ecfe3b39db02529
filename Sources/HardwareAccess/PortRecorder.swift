public import HardwarePorts
import LineCode
public import PortEngine
import PowerDelivery
public import Quantities
import Scenario
public import Trace
public import XiaomiCharge

/// Writes down what a port of chips does: messages at the time at which they crossed the bus, and words about power.
///
/// The silicon acknowledges by itself, and neither GoodCRCs nor CRCs are seen here.
public struct PortRecorder: PortObserver {
  /// Something that was written down.
  public enum Content: Equatable, Sendable {
    case record(TraceRecord)
    /// How far the phone is trusted from now on (Xiaomi).
    case trust(XiaomiStage)
  }

  /// The name of the port; empty where there is only one.
  public var line: String
  private var entries: [(time: Instant, content: Content)] = []
  private var sent: ShortMessage?

  public init(line: String) { self.line = line }

  /// Hands out what was written since the last call.
  public mutating func drain() -> [(time: Instant, content: Content)] {
    defer { entries.removeAll(keepingCapacity: true) }
    return entries
  }

  public mutating func observe(_ event: PortEvent, at now: Instant) {
    switch event {
    case .received(let message): add(message, at: now)
    case .transmitted(let result):
      if let sent, result == .acknowledged || result == .sent { add(sent, at: now) }
      if let sent, result == .notAcknowledged {
        add(sent, at: now)
        say("no GoodCRC for the last message", at: now)
      }
      sent = nil
    case .hardResetReceived, .hardResetSent: add(.reset(.hardReset), at: now)
    case .supply(.fault(let fault)): say("supply fault: \(fault)", at: now)
    default: break
    }
  }

  public mutating func observe(_ action: PortAction, at now: Instant) {
    switch action {
    case .transmit(let message): sent = message
    case .notify(.attached): add(.event(TraceEvent(.attach)), at: now)
    case .notify(.detached): add(.event(TraceEvent(.detach)), at: now)
    case .notify(let notice): if let text = NoticeText.text(notice) { say(text, at: now) }
    default: break
    }
  }

  public mutating func observe(_ notice: XiaomiChargerNotice, at now: Instant) {
    say(XiaomiText.text(notice), at: now)
  }

  public mutating func observe(_ stage: XiaomiStage, at now: Instant) {
    say(XiaomiText.text(stage), at: now)
    entries.append((now, .trust(stage)))
  }

  /// A word for the conversation.
  public mutating func say(_ text: String, at now: Instant) {
    add(.event(TraceEvent(.other, text: text)), at: now)
  }

  private mutating func add(_ message: ShortMessage, at now: Instant) {
    let bytes = message.message.bytes
    add(
      .packet(
        TracePacket(
          orderedSet: message.orderedSet, bytes: (0..<bytes.count).map { bytes[$0] }, crc: nil,
          validity: .notChecked)), at: now)
  }

  private mutating func add(_ content: TraceRecord.Content, at now: Instant) {
    entries.append((now, .record(TraceRecord(time: now - .zero, line: line, content: content))))
  }
}
