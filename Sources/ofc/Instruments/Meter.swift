import ArgumentParser
import Quantities
import Trace

/// `ofc meter`: what flows at this moment.
struct Meter: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures with an instrument: VBUS, current, power, CC, D+ and D-, temperature.",
    discussion: """
      On a terminal one line is drawn over itself; elsewhere there is a line each --interval. Extremes, means, charge and
      energy stand at the end. Control-C, SIGTERM or --duration ends the measuring; the end is shown also when the device
      is unplugged. Currents have the sign that the meter gives them. With --write all that the instrument tells is
      recorded, packets too; the format of the file follows its name, as with `ofc convert`.

      examples
        ofc meter
        ofc meter --interval 1s --duration 1h --write charge.csv
        ofc meter --device 1-2.4 --json
      """)

  @Option(
    help: ArgumentHelp(
      "The instrument: a place, a serial number or VID:PID, as `ofc devices` lists them.", valueName: "id"))
  var device: String?
  @Option(help: ArgumentHelp("From one line to the next.", valueName: "time"))
  var interval = Moment(time: Nanoseconds(Milliseconds(200)))
  @Option(help: ArgumentHelp("Write a recording.", valueName: "file"), completion: .file()) var write: String?
  @Flag(help: "One JSON object a line instead of text.") var json = false
  @Option(help: ArgumentHelp("Stop after this time.", valueName: "time")) var duration: Moment?

  func validate() throws {
    guard duration.map({ $0.time > .zero }) ?? true else {
      throw ValidationError("--duration must be above 0.")
    }
    guard interval.time > .zero else { throw ValidationError("--interval must be above 0.") }
  }

  func run() throws {
    let listening = try Listening(device, to: .measure)
    try listening.run(for: duration?.time) {
      MeterView(json: json, interval: interval.time, writer: try write.map { try TraceFile.create($0) })
    }
  }
}
