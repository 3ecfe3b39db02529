import Foundation
import Yams

/// Reads `spec/messages.yaml`.
struct MessageReader {
  func catalogue(_ root: MappingReader, structures: Set<String>) -> MessageCatalogue {
    let catalogue = MessageCatalogue(
      file: root.place.file, source: root.text("source"),
      classes: MessageClass.Kind.allCases.map { kind in
        MessageClass(kind: kind, messages: root.list(kind.rawValue).map { message($0, kind, structures) })
      })
    root.finish()
    let labels = Set(catalogue.classes.flatMap(\.messages).map(\.label))
    for kind in catalogue.classes {
      check(kind, labels: labels, problems: root.problems)
    }
    return catalogue
  }

  private func message(_ entry: MappingReader, _ kind: MessageClass.Kind, _ structures: Set<String>)
    -> Message
  {
    let name = memberName(entry) ?? ""
    let entry = entry.about("\(kind.rawValue).\(name)")
    let code = entry.integer("code")
    if !(0...31).contains(code) { entry.report("code \(code) is too wide for 5 bits") }
    var message = Message(
      place: entry.place, code: UInt32(clamping: code), name: name, label: entry.text("label"),
      meaning: entry.text("meaning"), clause: entry.text("clause"),
      revisions: revisions(entry, inherited: .all),
      deprecated: entry.flag("deprecated"), senders: words(entry, "senders", known: Self.senders),
      sop: words(entry, "sop", known: ["SOP", "SOP′", "SOP″"]),
      answers: entry.texts("answer").filter { $0 != "none" })
    switch kind {
    case .control: break
    case .data: message.objects = range(entry, "objects", within: 1...7)
    case .extended:
      message.dataSize = range(entry, "dataSize", within: 0...260)
      if entry.has("plugDataSize") { message.plugDataSize = range(entry, "plugDataSize", within: 0...260) }
      message.block = block(entry, "block", structures)
      message.plugBlock = block(entry, "plugBlock", structures)
    }
    entry.finish()
    return message
  }

  private static let senders = ["source", "sink", "drp", "dfp", "ufp", "plug"]

  private func words(_ entry: MappingReader, _ key: String, known: [String]) -> [String] {
    let words = entry.texts(key)
    if words.isEmpty { entry.report("`\(key)` is missing") }
    for word in words where !known.contains(word) {
      entry.report("`\(key)`: `\(word)` is unknown; known: \(known.joined(separator: ", "))")
    }
    return words
  }

  /// `N`, `N..M` or a list of numbers, of which the smallest and the largest count.
  private func range(_ entry: MappingReader, _ key: String, within bounds: ClosedRange<Int>) -> ClosedRange<
    Int
  >? {
    let ranges = entry.texts(key).map { parseRange($0, separator: "..") }
    guard !ranges.isEmpty else {
      entry.report("`\(key)` is missing")
      return nil
    }
    var result: ClosedRange<Int>?
    for range in ranges {
      guard let range, bounds.contains(range.lowerBound), bounds.contains(range.upperBound) else {
        entry.report("`\(key)` must be `N` or `N..M` within \(bounds.lowerBound)..\(bounds.upperBound)")
        return nil
      }
      result =
        min(
          result?.lowerBound ?? range.lowerBound, range.lowerBound)...max(
          result?.upperBound ?? range.upperBound, range.upperBound)
    }
    return result
  }

  private func block(_ entry: MappingReader, _ key: String, _ structures: Set<String>) -> String? {
    guard let name = entry.optionalText(key) else { return nil }
    if !structures.contains(name) { entry.report("`\(key)`: no structure is called `\(name)`") }
    return name
  }

  private func check(_ kind: MessageClass, labels: Set<String>, problems: Problems) {
    var codes: [UInt32: String] = [:]
    var names: Set<String> = []
    for message in kind.messages {
      if let other = codes[message.code] {
        problems.report("code \(message.code) is taken by `\(other)`", at: message.place)
      }
      codes[message.code] = message.name
      if !names.insert(message.name).inserted {
        problems.report("the message name `\(message.name)` is taken", at: message.place)
      }
      for answer in message.answers where !labels.contains(answer) {
        problems.report("`answer`: no message is called `\(answer)`", at: message.place)
      }
    }
  }
}
