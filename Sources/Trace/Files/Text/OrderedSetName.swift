import LineCode

/// The names of ordered sets in text formats.
enum OrderedSetName {
  /// The name that is written: ASCII, so that every tool can search for it.
  static func text(_ set: OrderedSet) -> String {
    switch set {
    case .sop: "SOP"
    case .sopPrime: "SOP'"
    case .sopDoublePrime: "SOP''"
    case .sopPrimeDebug: "SOP'_DEBUG"
    case .sopDoublePrimeDebug: "SOP''_DEBUG"
    case .hardReset: "HARD_RESET"
    case .cableReset: "CABLE_RESET"
    }
  }

  /// The ordered set of a name; upper and lower case, primes and apostrophes are alike.
  static func orderedSet(_ text: some StringProtocol) -> OrderedSet? {
    var name = ""
    for character in text.uppercased() {
      switch character {
      case "′", "’": name.append("'")
      case "″", "\"": name.append("''")
      case " ", "-": name.append("_")
      default: name.append(character)
      }
    }
    return OrderedSet.allCases.first { Self.text($0) == name }
  }
}
