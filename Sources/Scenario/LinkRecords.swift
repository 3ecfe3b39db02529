import PortEngine
import Quantities
public import Simulator
import Settings
public import Trace

/// What happened on a link as records of a recording: packets, resets, and what the charger's port says of power.
public enum LinkRecords {
  /// Hands out what happened since the last call.
  /// - Parameter name: the wire of the records, for recordings of several ports; `nil` keeps the pin.
  public static func drain(_ link: inout Link, name: String?) -> [TraceRecord] {
    var records = link.recorder.drain().filter { record in
      if case .measurement = record.content { false } else { true }
    }
    for event in link.watcher.drain() {
      guard let text = text(event.content) else { continue }
      records.append(
        TraceRecord(
          time: event.time - .zero, content: .event(TraceEvent(.other, text: text))))
    }
    if let name { for index in records.indices { records[index].line = name } }
    return records
  }

  private static func text(_ content: WorldEvent.Content) -> String? {
    switch content {
    case .notice(.charger, let notice): NoticeText.text(notice)
    case .notice(.phone, .supplyFault(let fault)): "phone: \(NoticeText.text(.supplyFault(fault)) ?? "")"
    case .share(let power): "offers \(power.settingsText) from now on"
    case .trust(let stage): XiaomiText.text(stage)
    case .xiaomiCharger(let notice): XiaomiText.text(notice)
    case .xiaomiPhone(let notice): XiaomiText.text(notice).map { "phone: \($0)" }
    default: nil
    }
  }
}
