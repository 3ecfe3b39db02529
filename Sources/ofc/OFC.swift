import ArgumentParser

/// The command line of OpenFastCharge: every job is a subcommand.
@main
struct OFC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ofc",
    abstract: "Runs, simulates, reads and explains what chargers and phones say to each other over USB-C.",
    discussion: """
      exit codes
        0   done
        1   the filter, the hex digits, the output, the configuration or the scenario cannot be used
        2   a file cannot be read: it is missing, empty, a directory or no recording
        3   a recording is damaged; what was in front of the damage was shown
        4   a scenario did not come to what it expects; a charger did not give what a sink asked for
        5   the guard of the power stages could not be started, or was lost
        6   there is no such device, it cannot be used, or it was lost
        64  the command line makes no sense
      """,
    version: "ofc \(Version.text)",
    subcommands: [
      Decode.self, Explain.self, Convert.self, Devices.self, Sniff.self, Meter.self, Sink.self, Simulate.self,
      Serve.self, Phones.self, Twin.self, Guard.self,
    ])
}

/// The version of the project.
enum Version {
  static let text = "0.1.0"
}

/// What the process ends with; documented in `ofc --help`.
enum ExitStatus {
  static let unusableArgument = ExitCode(1)
  static let unusableFile = ExitCode(2)
  static let damagedRecording = ExitCode(3)
  static let expectationNotMet = ExitCode(4)
  static let guardLost = ExitCode(5)
  static let deviceFailed = ExitCode(6)
}
