import Quantities

extension KM003CModel {
  /// The transfers of a recording of the meter's USB traffic: a heading, then lines of time in seconds, `IN` or `OUT`
  /// and the bytes as hexadecimal digits. Other lines are left out.
  public static func transfers(csv text: String) -> [Transfer] {
    text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
      let row = line.split(separator: ",", omittingEmptySubsequences: false)
      guard row.count == 3, let time = Double(row[0]), abs(time) < 1e9 else { return nil }
      let digits = row[2].compactMap(\.hexDigitValue)
      let bytes = stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(digits[$0] << 4 | digits[$0 + 1])
      }
      return Transfer(
        time: Nanoseconds(Int64((time * 1e6).rounded()) * 1000), isFromMeter: row[1] == "IN", bytes: bytes)
    }
  }
}
