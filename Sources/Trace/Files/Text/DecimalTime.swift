import Quantities

extension Nanoseconds {
  /// A decimal number of a unit, exactly: “12.345” with a unit of 1,000,000 ns is 12,345,000 ns. Digits below the
  /// nanosecond are cut. `nil` where the text is no number or out of range.
  init?(decimal text: some StringProtocol, unit: Int64) {
    let isNegative = text.hasPrefix("-")
    let parts = (isNegative ? text.dropFirst() : text[...]).split(
      separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, first.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !first.isEmpty,
      let whole = Int64(first)
    else { return nil }
    let (units, overflow) = whole.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    var part: Int64 = 0
    var weight = unit
    for digit in parts.count > 1 ? Array(parts[1].utf8) : [] {
      guard (0x30...0x39).contains(digit) else { return nil }
      weight /= 10
      part += Int64(digit - 0x30) * weight
    }
    let (sum, carried) = units.addingReportingOverflow(part)
    guard !carried else { return nil }
    self.init(isNegative ? -sum : sum)
  }
}
