/// A whole number as it was written: decimal with or without a sign, or hexadecimal behind `0x`.
struct WholeNumber: Equatable {
  var value: Int
  var isHexadecimal: Bool

  /// - Returns: `nil` where the text is something else, or the number does not fit.
  init?(_ text: String) {
    guard text.hasPrefix("0x") || text.hasPrefix("0X") else {
      guard let value = Int(text) else { return nil }
      self.value = value
      isHexadecimal = false
      return
    }
    let digits = text.dropFirst(2)
    // A sign between prefix and digits would be taken otherwise.
    guard digits.allSatisfy(\.isHexDigit), let value = Int(digits, radix: 16) else { return nil }
    self.value = value
    isHexadecimal = true
  }
}

extension Int {
  /// As it is written in a file of settings: `0xA819`.
  var hexadecimal: String {
    (self < 0 ? "-0x" : "0x") + String(magnitude, radix: 16, uppercase: true)
  }
}
