import ArgumentParser
import Quantities
import Trace

/// `ofc sniff`: a live conversation.
struct Sniff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Listens with an instrument and shows what is said while it is said.",
    discussion: """
      The lines are those of `ofc decode`, with VBUS, current and power of the moment behind each message; the summary
      stands at the end. Control-C, SIGTERM or --duration ends the listening; the file is whole then, and also when the
      device is unplugged. The format of the file follows its name, as with `ofc convert`.

      examples
        ofc sniff
        ofc sniff --device 1-2.4 --write charge.pcapng
        ofc sniff --duration 30s --json
      """)

  @Option(
    help: ArgumentHelp(
      "The instrument: a place, a serial number or VID:PID, as `ofc devices` lists them.", valueName: "id"))
  var device: String?
  @Option(help: ArgumentHelp("Write a recording.", valueName: "file"), completion: .file()) var write: String?
  @Flag(help: "One JSON object a line instead of text.") var json = false
  @Option(help: ArgumentHelp("Stop after this time.", valueName: "time")) var duration: Moment?
  @Flag(help: "Show measurements of VBUS and CC too.") var measurements = false
  @Option(help: "Colours: auto, always or never.") var colour = Colour.auto

  func validate() throws {
    guard duration.map({ $0.time > .zero }) ?? true else {
      throw ValidationError("--duration must be above 0.")
    }
  }

  func run() throws {
    let listening = try Listening(device, to: .listen)
    try listening.run(for: duration?.time) {
      SniffView(
        json: json, measurements: measurements, usesColour: colour.isOn,
        writer: try write.map { try TraceFile.create($0) })
    }
  }
}
