import PowerDelivery
import Quantities
import XiaomiCharge

/// The dialogues of Xiaomi's protocol as JSON, one object a line. The keys are documented in `spec/json-lines.md`.
public enum XiaomiStoryJSON {
  /// One line for each dialogue that the story keeps.
  public static func lines(_ story: XiaomiStory) -> [String] {
    story.dialogues.map { dialogue in
      var json = JSONText()
      json.object { json in
        json.field("type", "xiaomi" as StaticString)
        if !story.line.isEmpty { json.field("line", story.line) }
        json.field("dialogue", dialogue.number)
        json.field("dialogues", story.count)
        write(dialogue, &json)
      }
      return json.text
    }
  }

  private static func write(_ dialogue: XiaomiDialogue, _ json: inout JSONText) {
    json.field("entry", dialogue.start.entry)
    json.field("time_ns", dialogue.start.time.rawValue)
    json.field("voices", dialogue.voices.rawValue)
    json.field("verdict", dialogue.verdict)
    json.field("verified", dialogue.isVerified)
    json.field("verified_after_ns", dialogue.timeToVerified?.rawValue)
    write(dialogue.session, &json)
    json.array("commands") { json in
      for exchange in dialogue.exchanges { json.object { write(exchange, &$0) } }
    }
    if dialogue.furtherCount > 0 { json.field("further_commands", dialogue.furtherCount) }
    write(offer: dialogue, &json)
    write(dialogue.power, &json)
    write(dialogue.end, &json)
    json.array("findings") { json in
      for finding in dialogue.findings {
        json.object { json in
          json.field("code", finding.code.rawValue)
          json.field("severity", finding.severity.rawValue)
          write(finding.place, &json)
          json.field("text", finding.text)
          json.field("advice", finding.advice)
        }
      }
    }
  }

  private static func write(_ session: XiaomiSession, _ json: inout JSONText) {
    if let isDFP = session.phoneIsDFP { json.field("phone_is_dfp", isDFP) }
    if let swap = session.swap { write("dr_swap", swap, &json) }
    if let identity = session.identity { write("discover_identity", identity, &json) }
    if let svids = session.svidQuestion { write("discover_svids", svids, &json) }
    json.field("vendor_id", session.vendorID)
    json.array("adapter_ids") { json in for id in session.adapterIDs { json.element(id.rawValue) } }
    json.array("svids") { json in for svid in session.svids { json.element(svid) } }
  }

  private static func write(
    _ key: StaticString, _ question: XiaomiSession.Question, _ json: inout JSONText
  ) {
    json.object(key) { json in
      json.field("by", question.by == .sink ? "phone" as StaticString : "charger" as StaticString)
      write(question.place, &json)
      json.field("answer", question.answer.rawValue)
      json.field("answer_time_ns", question.answerPlace?.time.rawValue)
    }
  }

  private static func write(_ exchange: XiaomiExchange, _ json: inout JSONText) {
    json.field("command", exchange.command.rawValue)
    json.field("name", exchange.command.name.map { "\($0)" })
    write(exchange.request, &json)
    if exchange.requestWords.count > 0 { json.field("request", exchange.requestWords.bytes) }
    if exchange.tries > 1 { json.field("tries", exchange.tries) }
    switch exchange.answer {
    case .none: json.field("answered", false)
    case .notSupported: json.field("answered", "Not_Supported" as StaticString)
    case .words(let words):
      json.field("answered", true)
      json.field("answer", words.bytes)
      let text = words.text(of: exchange.command, isAnswer: true)
      if !text.isEmpty { json.field("text", text) }
    }
    json.field("answer_entry", exchange.answerPlace?.entry)
    json.field("answer_time_ns", exchange.answerPlace?.time.rawValue)
    json.field("delay_ns", exchange.delay?.rawValue)
    if let proof = exchange.proof { json.field("proof", proof.rawValue) }
  }

  private static func write(offer dialogue: XiaomiDialogue, _ json: inout JSONText) {
    guard let offer = dialogue.offerAfter else { return }
    json.object("offer") { json in
      write(offer.place, &json)
      json.field("power_mw", offer.objects.highestPower.rawValue)
      json.field("power_before_mw", dialogue.offerBefore?.objects.highestPower.rawValue)
      guard dialogue.offerBefore != nil else { return }
      json.array("new") { json in
        for (position, object, before) in dialogue.newObjects {
          json.object { json in
            json.field("object_position", position)
            json.field("pdo", object.rawValue)
            json.field("summary", object.summary)
            json.field("power_mw", object.highestPower.rawValue)
            json.field("pdo_before", before?.rawValue)
          }
        }
      }
    }
  }

  private static func write(_ power: XiaomiPowerTrack, _ json: inout JSONText) {
    json.field("contracts", power.contractCount)
    json.field("refused", power.refusedCount)
    write("first_contract", power.first, &json)
    write("highest_contract", power.highest, &json)
    write("highest_request", power.highestRequest, &json)
  }

  private static func write(_ key: StaticString, _ demand: XiaomiPowerTrack.Demand?, _ json: inout JSONText) {
    guard let demand else { return }
    json.object(key) { json in
      write(demand.place, &json)
      json.field("summary", demand.request.summary)
      json.field("power_mw", demand.power?.rawValue)
    }
  }

  private static func write(_ end: XiaomiDialogue.End, _ json: inout JSONText) {
    switch end {
    case .recording: json.field("ended_by", "recording" as StaticString)
    case .hardReset(let at): write(endedBy: "Hard Reset", at, &json)
    case .detach(let at): write(endedBy: "detach", at, &json)
    case .nextDialogue(let at): write(endedBy: "dialogue", at, &json)
    }
  }

  private static func write(endedBy end: StaticString, _ place: EntryPlace, _ json: inout JSONText) {
    json.field("ended_by", end)
    json.field("ended_ns", place.time.rawValue)
  }

  private static func write(_ place: EntryPlace?, _ json: inout JSONText) {
    guard let place else { return }
    json.field("entry", place.entry)
    json.field("time_ns", place.time.rawValue)
  }
}
