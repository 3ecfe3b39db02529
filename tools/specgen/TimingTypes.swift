/// Writes the timers, counters and electrical limits.
struct TimingEmitter {
  let catalogue: TimingCatalogue

  func emit() -> String {
    SourceText.swift(from: catalogue.file, imports: ["public import Quantities"]) { text in
      text.comment("Timers, counters and electrical limits. \(sentence(catalogue.source))", "//")
      text.line("")
      emitLimitTypes(into: &text)
      emit("Timing", "How long things may and must take.", catalogue.timers, "TimerLimits", into: &text) {
        $1.call("\($0)TimerLimits", times($2))
      }
      emit("Counters", "How often things may happen.", catalogue.counters, "Int", into: &text) {
        $1.line("\($0)\(decimal($2.value ?? $2.maximum ?? 0))")
      }
      emitElectricalLimits(into: &text)
    }
  }

  private func emitLimitTypes(into text: inout SourceText) {
    text.comment("The limits of a time, each end inclusive; `nil` where the standard sets none.")
    text.block("public struct TimerLimits: Equatable, Sendable {") { text in
      text.line("public var minimum: Nanoseconds?")
      text.comment("The middle of the window, where the standard names it.")
      text.line("public var nominal: Nanoseconds?")
      text.line("public var maximum: Nanoseconds?")
      text.line("")
      text.line(
        "@inlinable public init(minimum: Nanoseconds?, nominal: Nanoseconds?, maximum: Nanoseconds?) {")
      text.lines(["  self.minimum = minimum", "  self.nominal = nominal", "  self.maximum = maximum", "}"])
    }
    text.line("")
    text.comment("The limits of a quantity, each end inclusive; `nil` where the standard sets none.")
    text.block("public struct QuantityLimits<Value: Quantity>: Equatable, Sendable {") { text in
      text.line("public var minimum: Value?")
      text.line("public var nominal: Value?")
      text.line("public var maximum: Value?")
      text.line("")
      text.line("@inlinable public init(minimum: Value?, nominal: Value?, maximum: Value?) {")
      text.lines(["  self.minimum = minimum", "  self.nominal = nominal", "  self.maximum = maximum", "}"])
    }
  }

  private func emit(
    _ type: String, _ meaning: String, _ entries: [TimingEntry], _ result: String,
    into text: inout SourceText,
    value: (_ head: String, inout SourceText, TimingLimit) -> Void
  ) {
    guard !entries.isEmpty else { return }
    text.line("")
    text.comment("\(meaning) Names as in the standard, without the letter that says what they are.")
    text.block("public enum \(type) {") { text in
      for (index, member) in entries.flatMap(TimingMember.namedWithoutPrefix).enumerated() {
        if index > 0 { text.line("") }
        text.comment(documentation(member))
        emit(member, result, into: &text, value: value)
      }
    }
  }

  private func emit(
    _ member: TimingMember, _ result: String, into text: inout SourceText,
    value: (_ head: String, inout SourceText, TimingLimit) -> Void
  ) {
    guard let old = member.limit(of: 0x20), let new = member.limit(of: 0x30), member.limits.count > 1 else {
      guard let only = member.limits.first else { return }
      text.block("@inlinable public static var \(member.name): \(result) {") { value("", &$0, only) }
      return
    }
    let head =
      "@inlinable public static func \(member.name)(_ revision: SpecificationRevision) -> \(result) {"
    text.block(head) { text in
      text.block("if revision.rawValue < SpecificationRevision.revision3.rawValue {") {
        value("return ", &$0, old)
      }
      value("return ", &text, new)
    }
  }

  private func times(_ limit: TimingLimit) -> [String] {
    func argument(_ value: Int64?) -> String {
      value.map { "Nanoseconds(\(decimal($0 * (nanoseconds[limit.unit] ?? 1))))" } ?? "nil"
    }
    return ends(limit, argument)
  }

  private func emitElectricalLimits(into text: inout SourceText) {
    let members = catalogue.limits.flatMap(TimingMember.namedWhole).filter { member in
      member.limits.first.map { electricalUnits[$0.unit]?.type != nil } ?? false
    }
    guard !members.isEmpty else { return }
    text.line("")
    text.comment(
      "Limits of voltage, current, power and share, with the names of the standard. Limits in units that have no type "
        + "are in the written specification only.")
    text.block("public enum ElectricalLimits {") { text in
      for (index, member) in members.enumerated() {
        guard let limit = member.limits.first, let type = electricalUnits[limit.unit]?.type else { continue }
        if index > 0 { text.line("") }
        text.comment(documentation(member))
        let arguments = ends(limit) { value in value.map { "\(type)(\(decimal($0)))" } ?? "nil" }
        text.block("@inlinable public static var \(member.name): QuantityLimits<\(type)> {") {
          $0.call("QuantityLimits", arguments)
        }
      }
    }
  }

  private func ends(_ limit: TimingLimit, _ argument: (Int64?) -> String) -> [String] {
    [
      "minimum: \(argument(limit.minimum ?? limit.value))",
      "nominal: \(argument(limit.nominal ?? limit.value))",
      "maximum: \(argument(limit.maximum ?? limit.value))",
    ]
  }

  private func documentation(_ member: TimingMember) -> String {
    let entry = member.entry
    var parts = [
      entry.user.isEmpty ? "\(entry.name)." : "\(entry.name) (\(entry.user)).", sentence(entry.meaning),
    ]
    parts += member.limits.map { sentence(capitalised(limitText($0))) }
    if !entry.starts.isEmpty { parts.append("Starts: \(sentence(entry.starts))") }
    if !entry.stops.isEmpty { parts.append("Stops: \(sentence(entry.stops))") }
    if !entry.expiry.isEmpty { parts.append("Expiry: \(sentence(entry.expiry))") }
    if !entry.note.isEmpty { parts.append(sentence(entry.note)) }
    parts.append(sentence(entry.clause))
    return parts.joined(separator: " ")
  }
}

/// A member of the generated enums: the limits of an entry that share mode and condition.
struct TimingMember {
  var entry: TimingEntry
  var name: String
  var limits: [TimingLimit]

  /// `tSenderResponse` → `senderResponse`, `nRetryCount` → `retryCount`.
  static func namedWithoutPrefix(_ entry: TimingEntry) -> [TimingMember] {
    members(of: entry, base: lowerFirst(String(entry.name.dropFirst())))
  }

  static func namedWhole(_ entry: TimingEntry) -> [TimingMember] { members(of: entry, base: entry.name) }

  private static func members(of entry: TimingEntry, base: String) -> [TimingMember] {
    let keys = unique(entry.limits.map { "\($0.mode)|\($0.condition)" })
    return keys.map { key in
      let limits = entry.limits.filter { "\($0.mode)|\($0.condition)" == key }
      let suffix = keys.count == 1 ? "" : (limits.first?.mode ?? "") + camel(limits.first?.condition ?? "")
      return TimingMember(entry: entry, name: base + suffix, limits: limits)
    }
  }

  /// The limit that holds in a contract of that revision.
  func limit(of revision: UInt8) -> TimingLimit? {
    limits.first {
      revision == 0x20
        ? $0.revisions.introduced <= 0x20 : $0.revisions.removedAfter >= 0x30
    }
  }

  private static func camel(_ text: String) -> String {
    text.split { !$0.isLetter && !$0.isNumber }.map { capitalised(String($0)) }.joined()
  }
}

/// `24 to 30 ms (2.0)`.
func limitText(_ limit: TimingLimit) -> String {
  let unit = electricalUnits[limit.unit]?.symbol ?? limit.unit
  var text: String
  switch (limit.minimum, limit.maximum, limit.value) {
  case (_, _, let value?): text = "\(value)"
  case (let low?, let high?, _): text = "\(low) to \(high)"
  case (let low?, nil, _): text = "at least \(low)"
  case (nil, let high?, _): text = "at most \(high)"
  default: text = ""
  }
  if !unit.isEmpty { text += " \(unit)" }
  if let nominal = limit.nominal { text += ", nominal \(nominal)" }
  if !limit.of.isEmpty { text += " of the \(limit.of)" }
  let conditions = [limit.revisions.text, limit.mode, limit.condition].filter { !$0.isEmpty }
  return conditions.isEmpty ? text : "\(text) (\(conditions.joined(separator: ", ")))"
}
