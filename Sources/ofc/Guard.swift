import ArgumentParser
import ChargerService
import ChargerSettings
import Quantities

/// `ofc guard`: started by `ofc serve`, never by a person.
struct Guard: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes VBUS to 0 V when the daemon is gone (started by `ofc serve`).", shouldDisplay: false)

  @Option(help: ArgumentHelp("How long heartbeats may be missing.", valueName: "time")) var patience: Moment
  @Option(help: ArgumentHelp("A file that gets a line for each port taken down.", valueName: "file"))
  var log: String?
  @Option(help: ArgumentHelp("The chips of a port, by its number.", valueName: "number=chips"))
  var hardware: [HardwareOption] = []

  func run() {
    GuardProcess(
      descriptor: GuardConnection.guardDescriptor, patience: patience.time,
      hardware: Dictionary(hardware.map { ($0.number, $0.settings) }) { first, _ in first }, log: log
    ).run()
  }
}

/// `0=fusb302@ft232h`.
struct HardwareOption: ExpressibleByArgument {
  var number: UInt8
  var settings: HardwareSettings

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let number = UInt8(parts[0]),
      let settings = try? HardwareSettings(String(parts[1]))
    else { return nil }
    self.number = number
    self.settings = settings
  }
}
