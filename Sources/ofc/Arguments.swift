public import ArgumentParser
import Foundation
import LineCode
import Quantities
public import Trace

/// When to use colours.
enum Colour: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never

  /// `auto` follows the terminal and the variable NO_COLOR.
  var isOn: Bool {
    switch self {
    case .always: true
    case .never: false
    case .auto: Output.isTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    }
  }
}

/// A moment of a recording on the command line: `1.5s`, `250ms`, `0.1` (seconds).
struct Moment: ExpressibleByArgument {
  var time: Nanoseconds

  init(time: Nanoseconds) { self.time = time }

  init?(argument: String) {
    let units: [(String, Double)] = [("ns", 1), ("µs", 1e3), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("", 1e9)]
    guard let (suffix, factor) = units.first(where: { argument.hasSuffix($0.0) }),
      let value = Double(argument.dropLast(suffix.count).trimmingCharacters(in: .whitespaces)),
      value.isFinite, value.magnitude * factor < 9e18
    else { return nil }
    time = Nanoseconds(Int64((value * factor).rounded()))
  }
}

/// A kind of SOP on the command line: `SOP`, `SOP'`, `SOP''`, also with ′ and ″, or `sop1`, `sop2`.
struct SOPArgument: ExpressibleByArgument {
  var orderedSet: OrderedSet

  init?(argument: String) {
    switch argument.lowercased().replacing("″", with: "''").replacing("′", with: "'")
      .replacing("\"", with: "''")
    {
    case "sop", "sop0": orderedSet = .sop
    case "sop'", "sop1", "sopprime": orderedSet = .sopPrime
    case "sop''", "sop2", "sopdoubleprime": orderedSet = .sopDoublePrime
    default: return nil
    }
  }
}

/// Bytes in hexadecimal on the command line; spaces, colons, commas, hyphens and `0x` between them are allowed.
struct HexBytes {
  var bytes: [UInt8]

  /// - Throws: `HexError` naming what is not a hexadecimal digit, or an odd number of digits.
  init(_ text: String) throws(HexError) {
    bytes = []
    var digits: [UInt8] = []
    let cleaned = text.replacing("0x", with: " ").replacing("0X", with: " ")
    for (index, character) in cleaned.enumerated() where !" :,-_\t\n[]".contains(character) {
      guard let digit = character.hexDigitValue else {
        throw HexError(reason: "`\(character)` at place \(index + 1) is not a hexadecimal digit")
      }
      digits.append(UInt8(digit))
    }
    guard !digits.isEmpty else { throw HexError(reason: "there are no hexadecimal digits") }
    guard digits.count % 2 == 0 else {
      throw HexError(reason: "\(digits.count) hexadecimal digits do not make whole bytes")
    }
    bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

struct HexError: Error, CustomStringConvertible {
  var reason: String
  var description: String { reason }
}

extension TraceFormat: ExpressibleByArgument {
  /// The names of the formats with what they are, a line each.
  static func helpText(indent: Int) -> String {
    allCases.map {
      $0.rawValue + String(repeating: " ", count: max(1, 16 - $0.rawValue.count)) + $0.summary
    }.joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}

extension TraceWriteFormat: ExpressibleByArgument {}
