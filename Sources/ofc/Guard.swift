import ArgumentParser
import ChargerService
import Quantities

/// `ofc guard`: started by `ofc serve`, never by a person.
struct Guard: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes VBUS to 0 V when the daemon is gone (started by `ofc serve`).", shouldDisplay: false)

  @Option(help: ArgumentHelp("How long heartbeats may be missing.", valueName: "time")) var patience: Moment
  @Option(help: ArgumentHelp("A file that gets a line for each port taken down.", valueName: "file"))
  var log: String?

  func run() {
    GuardProcess(descriptor: GuardConnection.guardDescriptor, patience: patience.time, log: log).run()
  }
}
