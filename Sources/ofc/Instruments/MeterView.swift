import Foundation
import InstrumentDrivers
import Instruments
import Quantities
import Trace

/// Shows what an instrument measures.
struct MeterView: RecordView {
  private let json: Bool
  private let interval: Nanoseconds
  /// One line is drawn over itself.
  private let isDrawnOver: Bool
  private var writer: (any TraceWriter)?
  private var output = Output()
  private var statistics = MeterStatistics()
  /// The last value of each quantity: an instrument may not send all at once.
  private var reading = TraceMeasurement()
  private var nextLine = Nanoseconds.zero

  init(json: Bool, interval: Nanoseconds, writer: (any TraceWriter)?) {
    self.json = json
    self.interval = interval
    self.writer = writer
    isDrawnOver = !json && Output.isTerminal
  }

  mutating func begin(_ profile: InstrumentProfile) {
    guard !json else { return }
    output.line("\(profile.model): \(profile.abilities.words.joined(separator: ", "))")
    output.flush()
  }

  mutating func take(_ records: [TraceRecord]) throws {
    for record in records {
      try writer?.write(record)
      switch record.content {
      case .measurement(let values): take(values, at: record.time)
      case .event(let event): show(event, at: record.time)
      case .packet, .reset: break
      }
    }
    output.flush()
  }

  private mutating func take(_ values: TraceMeasurement, at time: Nanoseconds) {
    statistics.add(values, at: time)
    reading.vbus = values.vbus ?? reading.vbus
    reading.current = values.current ?? reading.current
    reading.cc1 = values.cc1 ?? reading.cc1
    reading.cc2 = values.cc2 ?? reading.cc2
    reading.dPlus = values.dPlus ?? reading.dPlus
    reading.dMinus = values.dMinus ?? reading.dMinus
    reading.temperature = values.temperature ?? reading.temperature
    guard time >= nextLine else { return }
    nextLine = time + interval
    if json {
      output.line(jsonLine(at: time))
    } else if isDrawnOver {
      output.draw(String(text.prefix(Output.terminalWidth - 1)))
    } else {
      output.line("\(aligned(time.secondsText, 12))  \(text)")
    }
  }

  private mutating func show(_ event: TraceEvent, at time: Nanoseconds) {
    if json {
      var line = JSONText()
      line.object {
        $0.field("type", "event" as StaticString)
        $0.field("time_ns", time.rawValue)
        $0.field("event", event.kind.rawValue)
        if !event.text.isEmpty { $0.field("text", event.text) }
      }
      output.line(line.text)
    } else {
      if isDrawnOver { output.draw("") }
      let text = event.text.isEmpty ? "" : ": \(event.text)"
      output.line("\(aligned(time.secondsText, 12))  --- \(event.kind.rawValue)\(text) ---")
    }
  }

  mutating func finish() throws {
    if json {
      output.line(MeterSummary(statistics).json)
    } else {
      output.line("\nSummary\n" + MeterSummary(statistics).text)
    }
    output.flush()
    try writer?.finish()
  }

  // MARK: The reading

  private var power: Milliwatts? {
    guard let vbus = reading.vbus, let current = reading.current else { return nil }
    return Milliwatts(Int32(clamping: Int64(vbus.rawValue) * Int64(current.rawValue) / 1000))
  }

  /// Short enough for 80 columns.
  private var text: String {
    let parts: [(String, Int32?, String)] = [
      ("", reading.vbus?.rawValue, " V"), ("", reading.current?.rawValue, " A"), ("", power?.rawValue, " W"),
      ("CC1 ", reading.cc1?.rawValue, ""), ("CC2 ", reading.cc2?.rawValue, ""),
      ("D+ ", reading.dPlus?.rawValue, ""), ("D- ", reading.dMinus?.rawValue, ""),
    ]
    var words = parts.compactMap { name, value, unit in value.map { name + thousandths(Int64($0)) + unit } }
    if let temperature = reading.temperature {
      words.append(thousandths(Int64(temperature.rawValue)).dropLast(2) + " °C")
    }
    return words.joined(separator: "  ")
  }

  private func jsonLine(at time: Nanoseconds) -> String {
    var line = JSONText()
    line.object {
      $0.field("type", "measurement" as StaticString)
      $0.field("time_ns", time.rawValue)
      $0.field("vbus_mv", reading.vbus?.rawValue)
      $0.field("current_ma", reading.current?.rawValue)
      $0.field("power_mw", power?.rawValue)
      $0.field("cc1_mv", reading.cc1?.rawValue)
      $0.field("cc2_mv", reading.cc2?.rawValue)
      $0.field("d_plus_mv", reading.dPlus?.rawValue)
      $0.field("d_minus_mv", reading.dMinus?.rawValue)
      $0.field("temperature_mc", reading.temperature?.rawValue)
    }
    return line.text
  }
}

/// What stands at the end of a measuring.
struct MeterSummary {
  private let statistics: MeterStatistics

  init(_ statistics: MeterStatistics) { self.statistics = statistics }

  var text: String {
    var lines = [
      "  \(padded("time", 9)) \(statistics.span.spanText), \(statistics.count) measurements"
        + (statistics.unmeasured > .zero && statistics.vbus != nil
          ? "; \(statistics.unmeasured.spanText) without any" : "")
    ]
    lines.append("  " + padded("", 9) + ["minimum", "maximum", "mean"].map { aligned($0) }.joined())
    add("VBUS", statistics.vbus, "V", to: &lines)
    add("current", statistics.current, "A", to: &lines)
    add("power", statistics.power, "W", to: &lines)
    if let charge = statistics.charge {
      lines.append("  \(padded("charge", 9))\(aligned("\(thousandths(charge.rawValue)) mAh"))")
    }
    if let energy = statistics.energy {
      lines.append("  \(padded("energy", 9))\(aligned("\(thousandths(energy.rawValue)) mWh"))")
    }
    return lines.joined(separator: "\n")
  }

  private func add(
    _ name: String, _ extremes: MeterStatistics.Extremes<some Quantity>?, _ unit: String,
    to lines: inout [String]
  ) {
    guard let extremes else { return }
    let values = [extremes.minimum, extremes.maximum, extremes.mean].map {
      aligned("\(thousandths(Int64($0.rawValue))) \(unit)")
    }
    lines.append("  \(padded(name, 9))\(values.joined())")
  }

  var json: String {
    var line = JSONText()
    line.object {
      $0.field("type", "summary" as StaticString)
      $0.field("span_ns", statistics.span.rawValue)
      $0.field("unmeasured_ns", statistics.vbus == nil ? 0 : statistics.unmeasured.rawValue)
      $0.field("measurements", statistics.count)
      Self.add("vbus_mv", statistics.vbus, to: &$0)
      Self.add("current_ma", statistics.current, to: &$0)
      Self.add("power_mw", statistics.power, to: &$0)
      $0.field("charge_uah", statistics.charge?.rawValue)
      $0.field("energy_uwh", statistics.energy?.rawValue)
    }
    return line.text
  }

  private static func add(
    _ name: StaticString, _ extremes: MeterStatistics.Extremes<some Quantity>?, to json: inout JSONText
  ) {
    guard let extremes else { return }
    json.object(name) {
      $0.field("minimum", extremes.minimum.rawValue)
      $0.field("maximum", extremes.maximum.rawValue)
      $0.field("mean", extremes.mean.rawValue)
    }
  }
}

/// Fills up with spaces behind.
private func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// Fills up with spaces in front.
private func aligned(_ text: String, _ width: Int = 14) -> String {
  String(repeating: " ", count: max(1, width - text.count)) + text
}

/// A number of thousandths with all its three decimals: columns and a line drawn over itself must not jump.
private func thousandths(_ value: Int64) -> String {
  let digits = String(value.magnitude % 1000)
  return (value < 0 ? "-" : "") + "\(value.magnitude / 1000)."
    + String(repeating: "0", count: 3 - digits.count) + digits
}
