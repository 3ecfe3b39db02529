package import Instruments
public import Quantities

// Quantities as a person reads them: volts with two decimals, watts without needless zeros.

extension Millivolts {
  /// `9.00 V`, `3.30 V`; three decimals only where the third is not 0.
  package var text: String { decimal(Int64(rawValue), places: 3, keep: 2) + " V" }
}

extension Milliamperes {
  /// `2.55 A`, `3.00 A`; three decimals only where the third is not 0.
  package var text: String { decimal(Int64(rawValue), places: 3, keep: 2) + " A" }
}

extension Milliwatts {
  /// `140 W`, `2.25 W`.
  package var text: String { decimal(Int64(rawValue), places: 3, keep: 0) + " W" }
}

extension MilliwattHours {
  /// `45.6 Wh`.
  var text: String { decimal(Int64(rawValue), places: 3, keep: 1) + " Wh" }
}

extension MillidegreesCelsius {
  /// `31.7 °C`; more decimals only where they are not 0.
  package var text: String { decimal(Int64(rawValue), places: 3, keep: 1) + " °C" }
}

extension Nanoseconds {
  /// A span with a unit that suits it: `12.3 µs`, `4.71 ms`, `1.250 s`.
  public var spanText: String {
    let magnitude = rawValue.magnitude
    let sign = rawValue < 0 ? "-" : ""
    return switch magnitude {
    case ..<1_000: "\(sign)\(magnitude) ns"
    case ..<1_000_000: sign + decimal(Int64(magnitude / 100), places: 1, keep: 1) + " µs"
    case ..<1_000_000_000: sign + decimal(Int64(magnitude / 10_000), places: 2, keep: 2) + " ms"
    default: sign + decimal(Int64(magnitude / 1_000_000), places: 3, keep: 3) + " s"
    }
  }

  /// A moment of a recording in seconds with six decimals: `1.234567`.
  public var secondsText: String { decimal(rawValue / 1_000, places: 6, keep: 6) }
}

/// `value` divided by 10 to the power of `places`, with trailing zeros cut down to `keep` decimals.
func decimal(_ value: Int64, places: Int, keep: Int) -> String {
  var buffer = TextBuffer(capacity: 24)
  buffer.append(decimal: value, places: places, keep: keep)
  return buffer.text
}

/// `value` in hexadecimal with at least `digits` digits, upper case.
func hexadecimal(_ value: some BinaryInteger, digits: Int) -> String {
  var buffer = TextBuffer(capacity: 24)
  buffer.append(hexadecimal: UInt64(truncatingIfNeeded: value), digits: digits)
  return buffer.text
}

/// Bytes as hexadecimal digits without separators, lower case, in the order of the wire.
public func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
  let digits: [UInt8] = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  text.reserveCapacity(bytes.count * 2)
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
