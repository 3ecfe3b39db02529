/// What the `metadata` member of a sigrok session says about its logic samples.
struct SigrokMetadata: Equatable {
  /// The common part of the names of the members that hold the samples.
  var captureFile: String
  /// Samples a second.
  var sampleRate: UInt64
  /// Bytes a sample, 1 to 8.
  var unitSize: Int
  /// The lines that have a name, by bit.
  var lines: [Line]

  struct Line: Equatable {
    var name: String
    /// The bit of the sample.
    var bit: Int
  }

  /// Reads the text of the member.
  /// - Throws: a reason in words where samples cannot be read with it.
  init(_ text: String) throws(SigrokMetadataError) {
    var values: [Substring: Substring] = [:]
    var device = 0
    for line in text.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("[device") { device += 1 }
      guard device == 1, let equals = line.firstIndex(of: "=") else { continue }
      values[line[..<equals]] = line[line.index(after: equals)...]
    }
    guard device > 0 else { throw SigrokMetadataError("the metadata name no device") }
    guard let captureFile = values["capturefile"] else {
      throw SigrokMetadataError(
        values["total analog"].flatMap { Int($0) } ?? 0 > 0
          ? "the session holds only analogue channels; the CC line is needed as a logic channel"
          : "the metadata name no capture file")
    }
    self.captureFile = String(captureFile)
    guard let rate = values["samplerate"].flatMap({ Self.frequency($0) }), rate > 0 else {
      throw SigrokMetadataError("the metadata give no sample rate: “\(values["samplerate"] ?? "")”")
    }
    sampleRate = rate
    guard let unitSize = Int(values["unitsize"] ?? "1"), (1...8).contains(unitSize) else {
      throw SigrokMetadataError("samples of \(values["unitsize"] ?? "") bytes cannot be read, only of 1 to 8")
    }
    self.unitSize = unitSize
    lines = values.compactMap { key, name in
      guard key.hasPrefix("probe"), let number = Int(key.dropFirst(5)), number > 0, number <= 8 * unitSize
      else { return nil }
      return Line(name: String(name), bit: number - 1)
    }
    lines.sort { $0.bit < $1.bit }
  }

  /// The lines to decode: those asked for, else those named after CC, else all.
  func lines(_ wanted: [String]?) throws(SigrokMetadataError) -> [Line] {
    guard !lines.isEmpty else { throw SigrokMetadataError("the metadata name no logic line") }
    guard let wanted else {
      let cc = lines.filter(\.isNamedAfterCC)
      return cc.isEmpty ? lines : cc
    }
    var chosen: [Line] = []
    for name in wanted {
      guard let line = lines.first(where: { $0.name == name }) else {
        let names = lines.map(\.name).joined(separator: ", ")
        throw SigrokMetadataError("there is no line “\(name)”; the session has \(names)")
      }
      if !chosen.contains(line) { chosen.append(line) }
    }
    return chosen
  }

  /// Hertz from “2.4 MHz”, “200 kHz”, “1000000”; `nil` where it is none or not a whole number.
  static func frequency(_ text: Substring) -> UInt64? {
    let number = text.prefix { $0.isNumber || $0 == "." }
    let exponents: [Substring: Int] = ["": 0, "Hz": 0, "kHz": 3, "MHz": 6, "GHz": 9]
    let unit = text[number.endIndex...].drop { $0 == " " }
    guard let exponent = exponents[unit] else { return nil }
    let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first else { return nil }
    var fraction = parts.count > 1 ? parts[1] : ""
    while fraction.last == "0" { fraction.removeLast() }
    guard fraction.count <= exponent else { return nil }
    return UInt64(whole + fraction + String(repeating: "0", count: exponent - fraction.count))
  }
}

/// Why samples cannot be read with the metadata.
struct SigrokMetadataError: Error, Equatable {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}

extension SigrokMetadata.Line {
  /// Whether a word of the name begins with CC (`CC1`, `usb_cc2`), which VCC and VCCIO do not.
  fileprivate var isNamedAfterCC: Bool {
    name.uppercased().split { !$0.isLetter && !$0.isNumber }.contains { $0.hasPrefix("CC") }
  }
}
