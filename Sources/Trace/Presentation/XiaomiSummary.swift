import PowerDelivery
import Quantities
import XiaomiCharge

// Words of Xiaomi's private protocol as a person reads them (spec/text/xiaomi.md 3).

extension VendorDefinedBody {
  /// What the words behind the header say: `challenge 7b00768f99722a0cbcd413b26a7b7c56`, `25 °C`.
  func xiaomiDetail(_ header: XiaomiVDMHeader) -> String {
    var words = XiaomiWords()
    for index in 0..<objectCount { words.append(object(index) ?? 0) }
    return words.text(of: header.command, isAnswer: header.direction == .answer)
  }
}

extension XiaomiWords {
  /// What the words say behind a command or in its answer; words that do not belong there are shown as numbers.
  func text(of command: XiaomiCommand, isAnswer: Bool) -> String {
    switch (command, isAnswer) {
    case (.chargerVersion, true) where count == 1: "version \(plain)"
    case (.chargerVoltage, true) where count == 1: XiaomiChargerVoltage(rawValue: self[0]).likelyVoltage.text
    case (.chargerTemperature, true) where count == 1: "\(self[0] & 0xFFFF) °C"
    case (.sessionSeed, _) where count == 4: "seed \(bytes)"
    case (.authentication, false) where count == 4: "challenge \(bytes)"
    case (.authentication, true) where count == 4, (.reverseAuthentication, false) where count == 4:
      "proof \(bytes)"
    case (.verified, _) where count == 1: verdict(XiaomiVerified(rawValue: self[0]).verdict.name)
    case (.reverseAuthentication, true) where count == 1:
      verdict(XiaomiReverseResult(rawValue: self[0]).verdict.name)
    default: plain
    }
  }

  private func verdict(_ name: StaticString?) -> String {
    name.map { "\(self[0]) (\("\($0)".lowercased()))" } ?? plain
  }

  /// The words as numbers.
  var plain: String { (0..<count).map { hexadecimal(self[$0], digits: 8) }.joined(separator: " ") }

  /// The words as one string of bytes in their order, lower case.
  var bytes: String {
    (0..<count).map { hexadecimal(self[$0], digits: 8).lowercased() }.joined()
  }
}
