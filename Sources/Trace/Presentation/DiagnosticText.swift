public import PowerDelivery
import Quantities

/// A finding in words.
public enum DiagnosticText {
  /// `error PD0503: more current than the object offers (object 1 bits 9:0 = 3250; §6.4.2)`.
  public static func text(_ diagnostic: Diagnostic) -> String {
    let code = diagnostic.code
    var place = [placeText(diagnostic), "\(code.clause)"].compactMap { $0 }.joined(separator: "; ")
    if !place.isEmpty { place = " (\(place))" }
    return "\(code.severity) \(code.identifier): \(code.message)\(place)"
  }

  /// Where it is, and what stands there: the header, or a data object with the bits counted as the standard does.
  static func placeText(_ diagnostic: Diagnostic) -> String? {
    guard diagnostic.bitCount > 0 else { return nil }
    let first = Int(diagnostic.firstBit)
    let count = Int(diagnostic.bitCount)
    guard first >= 16 else {
      return "header \(bitsText(first, count)) \(valueText(diagnostic))"
    }
    if (300..<400).contains(diagnostic.code.rawValue) && first < 32 {
      return "extended header \(bitsText(first - 16, count)) \(valueText(diagnostic))"
    }
    let object = (first - 16) / 32 + 1
    let low = (first - 16) % 32
    if low == 0 && count == 32 { return "object \(object) = 0x\(hexadecimal(diagnostic.value, digits: 8))" }
    guard low + count <= 32 else { return "from byte \(first / 8)" }
    return "object \(object) \(bitsText(low, count)) \(valueText(diagnostic))"
  }

  private static func bitsText(_ first: Int, _ count: Int) -> String {
    count == 1 ? "bit \(first)" : "bits \(first + count - 1):\(first)"
  }

  /// What was found, in the unit of the finding.
  private static func valueText(_ diagnostic: Diagnostic) -> String {
    let value = Int32(truncatingIfNeeded: diagnostic.value)
    return switch diagnostic.code {
    case .voltageOutsideOffer, .avsVoltageOffGrid: "= \(Millivolts(value).text)"
    case .currentAboveOffer: "= \(Milliamperes(value).text)"
    case .powerAboveOffer: "= \(Milliwatts(value).text)"
    case .objectsMissing: "but \(value) whole ones came"
    case .dataMissing: "but \(value) came"
    default: "= \(diagnostic.value)"
    }
  }
}
