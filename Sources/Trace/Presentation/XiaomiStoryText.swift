import PowerDelivery
import Quantities
import XiaomiCharge

/// The story of Xiaomi's protocol on one wire in lines of at most 100 columns.
public struct XiaomiStoryText {
  public private(set) var lines: [String] = []
  private static let labelWidth = 11
  private static let width = 100

  /// - Parameter namesLine: whether the heading says which wire it is.
  public init(_ story: XiaomiStory, namesLine: Bool = false) {
    lines.append("Xiaomi private protocol" + (namesLine ? ", line \(story.line)" : ""))
    for (index, dialogue) in story.dialogues.enumerated() {
      if index == story.first.count, story.droppedCount > 0 {
        lines.append("  … \(story.droppedCount) dialogues in the middle left out")
      }
      if index > 0 { lines.append("") }
      add(dialogue, isOne: story.count == 1)
    }
  }

  public var text: String { lines.joined(separator: "\n") }

  /// A line with its label; longer ones go on below their beginning.
  private mutating func add(_ label: String, _ text: String, indent: Int = 0) {
    let room = Self.width - 2 - Self.labelWidth
    for (index, row) in wrapped(text, room, indent: indent).enumerated() {
      let head = index == 0 ? label : ""
      lines.append("  " + head + String(repeating: " ", count: max(1, Self.labelWidth - head.count)) + row)
    }
  }

  private mutating func add(_ dialogue: XiaomiDialogue, isOne: Bool) {
    add(isOne ? "verdict" : "dialogue \(dialogue.number)", dialogue.verdict)
    addBeginning(dialogue)
    addCharger(dialogue.session)
    for (index, exchange) in dialogue.exchanges.enumerated() {
      add(exchange, index == 0 ? "commands" : "", dialogue.voices)
    }
    if dialogue.furtherCount > 0 { add("", "and \(dialogue.furtherCount) more") }
    addOffer(dialogue)
    addPower(dialogue)
    addEnd(dialogue)
    addFindings(dialogue)
  }

  private mutating func addBeginning(_ dialogue: XiaomiDialogue) {
    add("began", place(dialogue.start) + (dialogue.exchanges.isEmpty ? ", with the attachment" : ""))
    switch dialogue.voices {
    case .both: break
    case .phoneOnly: add("", "only the phone's messages are recorded; whether it was answered is not known")
    case .chargerOnly: add("", "only the charger's messages are recorded")
    }
    guard let isDFP = dialogue.session.phoneIsDFP else { return }
    var text = isDFP ? "the phone is DFP" : "the charger is DFP"
    if let swap = dialogue.session.swap {
      let asker = swap.by == .sink ? "phone" : "charger"
      text += "; DR_Swap of the \(asker) at \(place(swap.place)): \(swap.answer.rawValue)"
    } else {
      text += isDFP ? "; how it became so is not recorded" : "; nobody asked for DR_Swap"
    }
    add("roles", text)
  }

  private mutating func addCharger(_ session: XiaomiSession) {
    var parts: [String] = []
    if let vendor = session.vendorID { parts.append("VID \(hexadecimal(vendor, digits: 4))") }
    if !session.adapterIDs.isEmpty {
      parts.append(
        "adapter id "
          + session.adapterIDs.map { hexadecimal($0.rawValue, digits: 4) }.joined(separator: " or "))
    }
    if !session.svids.isEmpty {
      let list = session.svids.map { hexadecimal($0, digits: 4) }.joined(separator: ", ")
      parts.append("SVIDs \(list)")
      if !session.listsXiaomi { parts.append("2717 is not among them") }
    }
    if parts.isEmpty {
      let isUnknown = session.beganLate && session.identity == nil
      parts.append(isUnknown ? "its identity is not recorded" : "it did not tell its identity")
    }
    add("charger", parts.joined(separator: ", "))
  }

  // MARK: - Commands

  private mutating func add(_ exchange: XiaomiExchange, _ label: String, _ voices: XiaomiDialogue.Voices) {
    let time = (exchange.request ?? exchange.answerPlace)?.time.secondsText ?? ""
    let delay = exchange.delay?.spanText ?? ""
    add(
      label,
      [pad(time, 12), pad(name(exchange), 22), pad(delay, 11), answer(exchange, voices)].joined().trimmedEnd)
    addBytes(exchange)
  }

  private func name(_ exchange: XiaomiExchange) -> String {
    let words = exchange.requestWords
    return exchange.command.text + (words.count == 1 ? " \(words[0])" : "")
  }

  private func answer(_ exchange: XiaomiExchange, _ voices: XiaomiDialogue.Voices) -> String {
    var text: String
    switch exchange.answer {
    case .none:
      text = voices == .phoneOnly ? "" : exchange.isOver ? "no answer" : "the recording ends"
    case .notSupported: text = "Not_Supported"
    case .words(let words):
      text =
        switch exchange.command {
        case .authentication: words.count == 4 ? "" : words.plain
        case .sessionSeed, .verified, .removeCompensation:
          words.count == 0
            ? "answered" : words == exchange.requestWords ? "answered with an echo" : words.plain
        default: words.text(of: exchange.command, isAnswer: true)
        }
    }
    if exchange.tries > 1 { text += (text.isEmpty ? "" : ", ") + "sent \(exchange.tries) times" }
    if exchange.request == nil { text += " (the command is not recorded)" }
    return text
  }

  /// Seed, challenge and proof as one string of bytes each; a proof with what can be said of it.
  private mutating func addBytes(_ exchange: XiaomiExchange) {
    let verdict =
      exchange.proof.map { $0.isChecked ? " is \($0.rawValue)" : " not checked: \($0.rawValue)" } ?? ""
    let isAuthentication = exchange.command == .authentication
    if exchange.requestWords.count == 4 {
      let text = exchange.requestWords.text(of: exchange.command, isAnswer: false)
      add("", String(repeating: " ", count: 12) + text + (isAuthentication ? "" : verdict))
    }
    if isAuthentication, case .words(let words) = exchange.answer, words.count == 4 {
      add("", String(repeating: " ", count: 12) + words.text(of: exchange.command, isAnswer: true) + verdict)
    }
  }

  // MARK: - What followed

  private mutating func addOffer(_ dialogue: XiaomiDialogue) {
    guard let offer = dialogue.offerAfter else { return }
    let objects = dialogue.newObjects
    var text = "at \(place(offer.place)): "
    guard let before = dialogue.offerBefore else {
      add("offer", text + "\(offer.objects.sourceSummary()) (what was offered before is not recorded)")
      return
    }
    text += objects.isEmpty ? "nothing larger than before" : "new or larger than at \(place(before.place))"
    add("new offer", text)
    for (position, object, old) in objects {
      let was = old.map { ", before \($0.summary)" } ?? ""
      add("", "\(position): \(object.summary) = \(object.highestPower.text)\(was)")
    }
  }

  private mutating func addPower(_ dialogue: XiaomiDialogue) {
    let power = dialogue.power
    if let first = power.first { add("contract", "\(first.text), requested at \(place(first.place))") }
    if let highest = power.highest, highest != power.first {
      add(
        "",
        "\(power.contractCount) in all; the highest: \(highest.text), requested at \(place(highest.place))")
    }
    if let request = power.highestRequest, request != power.highest {
      add("", "the highest request: \(request.text) at \(place(request.place))")
    }
    if power.refusedCount > 0 { add("", "\(power.refusedCount) refused") }
  }

  private mutating func addEnd(_ dialogue: XiaomiDialogue) {
    switch dialogue.end {
    case .recording: break
    case .hardReset(let at): add("ended", "by a Hard Reset at \(place(at))")
    case .detach(let at): add("ended", "by a detach at \(place(at))")
    case .nextDialogue(let at): add("ended", "by a new dialogue at \(place(at))")
    }
  }

  private mutating func addFindings(_ dialogue: XiaomiDialogue) {
    var label = ""
    for finding in dialogue.findings {
      let next = finding.severity == .reason ? "why slow" : "hints"
      let at = finding.place.map { " at \(place($0))" } ?? ""
      add(next == label ? "" : next, "\(finding.code.rawValue)\(at): \(finding.text)", indent: 2)
      add("", "  → \(finding.advice)", indent: 4)
      label = next
    }
  }

  /// `0.123456 s (entry 12)`.
  private func place(_ place: EntryPlace) -> String { "\(place.time.secondsText) s (entry \(place.entry))" }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  /// Rows of at most `width` characters, broken between words; further ones begin with `indent` spaces.
  private func wrapped(_ text: String, _ width: Int, indent: Int) -> [String] {
    guard text.count > width else { return [text] }
    var rows: [String] = []
    var row = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if !row.isEmpty, row.count + 1 + word.count > width {
        rows.append(row)
        row = String(repeating: " ", count: indent) + word
      } else {
        row += (row.isEmpty ? "" : " ") + word
      }
    }
    return rows + [row]
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
