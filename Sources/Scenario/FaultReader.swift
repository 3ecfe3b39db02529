import PowerDelivery
import Quantities
import Settings
import Simulator

/// Reads what goes wrong on the wire and at a port.
enum FaultReader {
  /// Probabilities for each packet, and when they end.
  static func faults(_ value: SettingsValue) -> FaultMix? {
    if value.isScalar { return value.word(of: [("none", FaultMix.none), ("rough", .rough)]) }
    return value.mapping { mapping -> FaultMix in
      var mix = FaultMix.none
      if let chance = mapping["bit-error"].flatMap(chance) { mix.bitError = chance }
      if let chance = mapping["lost-goodcrc"].flatMap(chance) { mix.goodCRCLost = chance }
      if let chance = mapping["duplicate"].flatMap(chance) { mix.duplicate = chance }
      if let chance = mapping["delay"].flatMap(chance) { mix.delay = chance }
      if let chance = mapping["noise"].flatMap(chance) { mix.noise = chance }
      if let chance = mapping["lost-reset"].flatMap(chance) { mix.resetLost = chance }
      if let end = mapping["until"]?.quantity(Nanoseconds.self) { mix.end = .zero + end }
      return mix
    }
  }

  /// A probability in per cent, to a tenth.
  static func chance(_ value: SettingsValue) -> PerMille? {
    guard let amounts = value.amounts(example: "4 %") else { return nil }
    guard amounts.count == 1, !amounts[0].isRange, amounts[0].unit == "%",
      let count = amounts[0].lower.times(10), (0...1_000).contains(count)
    else {
      value.report(
        "a probability from 0 % to 100 % is expected here, in steps of 0.1 %", hint: "write for example `4 %`"
      )
      return nil
    }
    return PerMille(Int32(count))
  }

  /// A list of misbehaviours of a port.
  static func misbehaviours(_ value: SettingsValue) -> MisbehaviourList {
    var list = MisbehaviourList()
    let values = value.isList ? value.list() : [value]
    for entry in values { if let misbehaviour = misbehaviour(entry) { list.append(misbehaviour) } }
    if values.count > 4 { value.report("a port misbehaves in at most four ways") }
    return list
  }

  /// Misbehaviours that need nothing more.
  private static let plain: [(String, Misbehaviour)] = [
    ("wrong MessageID", .wrongMessageID), ("wrong GoodCRC ID", .wrongGoodCRCID),
    ("repeats MessageID", .repeatsMessageID), ("wrong revision", .wrongRevision),
    ("wrong data role", .wrongDataRole), ("ignores PS_RDY", .ignoresPSRDY),
    ("never sinks down", .neverSinksDown), ("never PS_RDY", .neverPSRDY),
  ]

  /// Misbehaviours that happen every so often.
  private static let repeated: [(String, @Sendable (Nanoseconds) -> Misbehaviour)] = [
    ("claims source", { .claimsSource($0) }), ("floods", { .floods($0) }),
    ("hard reset storm", { .hardResetStorm($0) }), ("soft reset storm", { .softResetStorm($0) }),
    ("garbage messages", { .garbageMessages($0) }), ("reserved messages", { .reservedMessages($0) }),
    ("VDM flood", { .vdmFlood($0) }), ("requests unasked", { .requestsWithoutCapabilities($0) }),
    ("chunk nonsense", { .chunkNonsense($0) }),
  ]

  private static let others = [
    "answers late", "never sends", "requests too much", "stops GoodCRC", "detaches in transition",
    "draws too much", "wrong voltage", "spoils VDM",
  ]

  /// What can be wrong with a Vendor_Defined message, but for how late it comes.
  private static let vdmFaults: [(String, Misbehaviour.VDMFault)] = [
    ("unsent", .unsent), ("shortened", .shortened), ("lengthened", .lengthened), ("garbled", .garbled),
    ("other command", .otherCommand), ("other SVID", .otherSVID), ("other type", .otherType),
    ("refused", .refused),
  ]

  private static func misbehaviour(_ value: SettingsValue) -> Misbehaviour? {
    if value.isScalar { return value.word(of: plain) }
    return value.mapping { mapping -> Misbehaviour? in
      // Every word is asked for, so that a misspelt one finds its neighbour.
      for (word, make) in repeated {
        guard let entry = mapping[word] else { continue }
        return entry.mapping { details in
          details.required("every", hint: "write `{every: 20 ms}`")
            .flatMap { $0.quantity(in: Nanoseconds(500_000)...Nanoseconds(60_000_000_000)) }.map(make)
        }
      }
      for word in others { if let entry = mapping[word] { return detailed(word, entry) } }
      if let word = mapping.keys.first(where: { key in plain.contains { $0.0 == key } }) {
        mapping[word]?.report("`\(word)` stands alone", hint: "write it without `:`")
        return nil
      }
      if mapping.keys.isEmpty { value.report("a misbehaviour is expected here") }
      return nil
    }
  }

  private static func detailed(_ word: String, _ value: SettingsValue) -> Misbehaviour? {
    switch word {
    case "answers late":
      return value.mapping { details -> Misbehaviour? in
        let message = details.required("message").flatMap { $0.word(of: WordTables.messages) }
        let delay = details.required("by").flatMap { $0.quantity(Nanoseconds.self) }
        guard let message, let delay else { return nil }
        return .answersLate(message, delay)
      }
    case "spoils VDM":
      return value.mapping { details -> Misbehaviour? in
        let number = details["number"].map { $0.integer(in: 0...254) } ?? 255
        let late = details["late"].map { $0.quantity(Nanoseconds.self) }
        let how = details["how"].map { $0.word(of: vdmFaults) }
        guard let number else { return nil }
        if let late { return late.map { .spoilsVDM(UInt8(number), .late($0)) } }
        guard let how else {
          details.value.report("it does not say how", hint: "add `how: garbled`, or `late: 30 ms`")
          return nil
        }
        return how.map { .spoilsVDM(UInt8(number), $0) }
      }
    case "never sends": return value.word(of: WordTables.messages).map(Misbehaviour.neverSends)
    case "requests too much": return value.word(of: WordTables.excesses).map(Misbehaviour.requestsTooMuch)
    case "stops GoodCRC":
      return value.mapping { details in
        details.required("after", hint: "write `{after: 5}` packets")
          .flatMap { $0.integer(in: 0...10_000) }.map { .stopsGoodCRC(after: $0) }
      }
    case "detaches in transition":
      return value.mapping { details in
        details.required("after", hint: "write `{after: 10 ms}`")
          .flatMap { $0.quantity(in: Nanoseconds.zero...Nanoseconds(1_000_000_000)) }
          .map { .detachesMidTransition(after: $0) }
      }
    case "draws too much": return value.quantity().map(Misbehaviour.drawsTooMuch)
    default: return value.quantity().map(Misbehaviour.wrongVoltage)
    }
  }
}
