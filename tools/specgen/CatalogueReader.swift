import Foundation
import Yams

/// Reads `spec/timers.yaml`.
struct TimingReader {
  func catalogue(_ root: MappingReader) -> TimingCatalogue {
    let catalogue = TimingCatalogue(
      file: root.place.file, source: root.optionalText("source") ?? "",
      timers: root.list("timers").map { entry($0, "timers") },
      counters: root.list("counters").map { entry($0, "counters") },
      limits: root.list("limits").map { entry($0, "limits") })
    root.finish()
    for list in [catalogue.timers, catalogue.counters, catalogue.limits] {
      var names: Set<String> = []
      for entry in list where !names.insert(entry.name).inserted {
        root.problems.report("the name `\(entry.name)` is taken", at: entry.place)
      }
    }
    return catalogue
  }

  private func entry(_ entry: MappingReader, _ list: String) -> TimingEntry {
    let name = memberName(entry) ?? ""
    let entry = entry.about(name)
    let optional = { entry.optionalText($0) ?? "" }
    var result = TimingEntry(
      place: entry.place, name: name, user: optional("timer") + optional("counter"), kind: optional("kind"),
      owner: optional("owner"), clause: entry.text("clause"), meaning: entry.text("meaning"),
      starts: optional("starts"), stops: optional("stops"),
      expiry: [optional("resets").isEmpty ? "" : "back to 0: " + optional("resets"), optional("expiry")]
        .filter { !$0.isEmpty }.joined(separator: "; "),
      note: optional("note"), limits: [])
    if entry.has("limits") {
      result.limits = entry.list("limits").map { limit($0, list, nested: true) }
    } else {
      result.limits = [limit(entry, list, nested: false)]
    }
    entry.finish()
    return result
  }

  private func limit(_ entry: MappingReader, _ list: String, nested: Bool) -> TimingLimit {
    let limit = TimingLimit(
      revisions: revisions(entry, inherited: .all), mode: entry.optionalText("mode") ?? "",
      condition: entry.optionalText("condition") ?? "", of: entry.optionalText("of") ?? "",
      minimum: entry.optionalInteger("min"), nominal: entry.optionalInteger("nominal"),
      maximum: entry.optionalInteger("max"), value: entry.optionalInteger("value"),
      unit: list == "counters" ? entry.optionalText("unit") ?? "" : entry.text("unit"))
    if !["", "SPR", "EPR"].contains(limit.mode) {
      entry.report("`mode` must be SPR or EPR, not `\(limit.mode)`")
    }
    if [limit.minimum, limit.nominal, limit.maximum, limit.value].allSatisfy({ $0 == nil }) {
      entry.report("a limit needs `min`, `nominal`, `max` or `value`")
    }
    if list == "timers" && !limit.unit.isEmpty && nanoseconds[limit.unit] == nil {
      entry.report("unknown unit `\(limit.unit)` of a time; known: ns, us, ms, s")
    }
    if list == "limits" && !limit.unit.isEmpty && electricalUnits[limit.unit] == nil {
      let known = electricalUnits.keys.sorted().joined(separator: ", ")
      entry.report("unknown unit `\(limit.unit)`; known: \(known)")
    }
    if nested { entry.finish() }
    return limit
  }
}

/// Nanoseconds in a unit of time.
let nanoseconds: [String: Int64] = ["ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000]

/// How a unit of the electrical limits is read, and the type that stands for it; `nil` where Quantities has none.
let electricalUnits: [String: (symbol: String, type: String?)] = [
  "mV": ("mV", "Millivolts"), "mA": ("mA", "Milliamperes"), "mW": ("mW", "Milliwatts"),
  "mOhm": ("mΩ", "Milliohms"), "percent": ("%", "Percent"), "mA/us": ("mA/µs", "MilliamperesPerMicrosecond"),
  "degC": ("°C", "DegreesCelsius"), "mV/us": ("mV/µs", nil), "uA": ("µA", nil), "nA": ("nA", nil),
  "uF": ("µF", nil), "nF": ("nF", nil), "pF": ("pF", nil), "ohm": ("Ω", nil), "uV": ("µV", nil),
  "bit/s": ("bit/s", "BitsPerSecond"), "bits": ("bit", nil), "ppm": ("ppm", nil),
  "ns": ("ns", "Nanoseconds"), "us": ("µs", "Microseconds"), "ms": ("ms", "Milliseconds"),
]

/// Reads the symbols and ordered sets of `spec/linecode.yaml`; the rest of that file feeds no code.
struct LineReader {
  func catalogue(_ root: MappingReader) -> LineCatalogue {
    var symbols = [UInt32?](repeating: nil, count: 16)
    for entry in root.list("dataSymbols") {
      let nibble = entry.integer("nibble")
      guard (0...15).contains(nibble) else {
        entry.report("`nibble` must be 0 to 15, not \(nibble)")
        continue
      }
      if symbols[Int(nibble)] != nil { entry.report("nibble \(nibble) is described twice") }
      symbols[Int(nibble)] = symbol(entry)
    }
    for (nibble, symbol) in symbols.enumerated() where symbol == nil {
      root.report("nibble \(nibble) has no symbol")
    }
    let codes = root.list("kCodes").map {
      LineCatalogue.LineCode(name: memberName($0) ?? "", label: $0.text("label"), symbol: symbol($0))
    }
    checkUnique(symbols.compactMap { $0 } + codes.map(\.symbol), root)
    let sets = root.mapping("orderedSets")?.list("sets").map { entry in
      let set = LineCatalogue.LineSet(
        place: entry.place, name: memberName(entry) ?? "", label: entry.text("label"),
        meaning: entry.text("meaning"),
        kCodes: entry.texts("kCodes"))
      check(set, codes, entry)
      return set
    }
    return LineCatalogue(
      file: root.place.file, source: root.optionalText("source") ?? "", dataSymbols: symbols.map { $0 ?? 0 },
      kCodes: codes, orderedSets: sets ?? [])
  }

  private func symbol(_ entry: MappingReader) -> UInt32 {
    let symbol = entry.integer("symbol")
    if !(0...31).contains(symbol) { entry.report("a symbol has 5 bits; \(symbol) is too wide") }
    let bits = UInt32(clamping: symbol) & 31
    let wire = String((0..<5).map { bits >> UInt32($0) & 1 == 1 ? "1" : "0" })
    if let stated = entry.optionalText("wire"), stated != wire {
      entry.report("`wire` is \(stated), but the symbol sends \(wire)")
    }
    return bits
  }

  private func checkUnique(_ symbols: [UInt32], _ root: MappingReader) {
    var seen: Set<UInt32> = []
    for symbol in symbols where !seen.insert(symbol).inserted {
      root.report("symbol \(symbol) has two meanings")
    }
  }

  private func check(_ set: LineCatalogue.LineSet, _ codes: [LineCatalogue.LineCode], _ entry: MappingReader)
  {
    if set.kCodes.count != 4 { entry.report("an ordered set has four K-codes, not \(set.kCodes.count)") }
    for name in set.kCodes where !codes.contains(where: { $0.name == name }) {
      entry.report("no K-code is called `\(name)`")
    }
  }
}

/// Reads `spec/diagnostics.yaml`.
struct DiagnosticReader {
  func diagnostics(_ root: MappingReader) -> [Diagnostic] {
    let list = root.list("diagnostics").map(diagnostic)
    _ = root.optionalText("source")
    root.finish()
    var names: Set<String> = []
    var codes: Set<String> = []
    for item in list {
      if !names.insert(item.name).inserted {
        root.problems.report("the name `\(item.name)` is taken", at: item.place)
      }
      if !codes.insert(item.code).inserted {
        root.problems.report("the code \(item.code) is taken", at: item.place)
      }
    }
    return list
  }

  private func diagnostic(_ entry: MappingReader) -> Diagnostic {
    let name = memberName(entry) ?? ""
    let entry = entry.about(name)
    let code = entry.text("code")
    let number = UInt16(code.drop(while: \.isLetter))
    if number == nil { entry.report("`code` must be letters and a number below 65536, not `\(code)`") }
    let severity = entry.text("severity")
    if !["error", "warning", "note"].contains(severity) {
      entry.report("`severity` must be error, warning or note, not `\(severity)`")
    }
    let result = Diagnostic(
      place: entry.place, code: code, number: UInt32(number ?? 0), name: name, severity: severity,
      clause: entry.text("clause"), message: entry.text("message"), advice: entry.text("advice"))
    entry.finish()
    return result
  }
}
