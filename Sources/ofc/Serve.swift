public import ArgumentParser
import ChargerService
public import ChargerSettings
import Foundation
import HardwareAccess
import Logging
import Quantities
import Settings

/// `ofc serve`: a charger as a service.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a charger: a daemon with a thread for each port.",
    discussion: """
      The configuration is a YAML file (spec/serve-config.md; an example is hardware/serve/car-charger.yaml). Without
      one, a car charger with two ports runs that share 60 W. Ports without `hardware` are simulated: their engines are
      real, silicon, cables and phones are modelled.

      --port runs one port of chips behind a bridge: a port controller, a power stage, the bridge, and which lines of an
      FTDI bridge they use, as CONTROLLER[:ADDRESS][+STAGE[:ADDRESS]]@BRIDGE[=UNIT][,int=ad4][,enable=ad5]. `ofc devices`
      lists the bridges that are plugged in; hardware/README.md has the wiring. When the bridge is unplugged the port is
      closed, and opened again as soon as it returns.

      On a terminal the ports are drawn over themselves; elsewhere each message is a line. SIGTERM and SIGINT take VBUS
      of all ports to 0 V, wait until it is measured there, and end. SIGHUP reads the configuration again; with
      mistakes in it nothing changes. A guard process takes VBUS to 0 V when the daemon is killed or hangs. Under
      systemd (Type=notify, WatchdogSec=) its state and heartbeats are told to the service manager.

      examples
        ofc serve
        ofc serve hardware/serve/car-charger.yaml --json
        ofc serve --speed 4 --duration 10s
        ofc serve --port fusb302@ft232h --power 45W
        ofc serve --port fusb302+tps55288:0x75@ft232h=1-2,int=ad4,enable=ad5
      """)

  @Argument(help: "The configuration.", completion: .file(extensions: ["yaml"])) var config: String?
  @Option(
    help: ArgumentHelp("One port of chips in place of a configuration.", valueName: "chips"),
    transform: HardwareSettings.init(argument:))
  var port: HardwareSettings?
  @Option(
    help: ArgumentHelp("What the port of --port offers, by the standard's list.", valueName: "power"),
    transform: Milliwatts.argument)
  var power: Milliwatts?
  @Flag(help: "Give every port without simulated phones one that comes after a second.") var simulate = false
  @Flag(help: "One JSON object a line.") var json = false
  @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
  var logLevel: ChargerSettings.LogWord?
  @Option(help: ArgumentHelp("Stop after this time.", valueName: "time")) var duration: Moment?
  @Option(help: ArgumentHelp("How fast the simulated world runs, 0.1 to 100.", valueName: "factor"))
  var speed = 1.0
  @Option(help: ArgumentHelp("Seed of the simulated world.", valueName: "number")) var seed: UInt64 = 1
  @Option(
    help: ArgumentHelp(
      "A file that gets a JSON line for each port that the guard took down.", valueName: "file"))
  var guardLog: String?
  @Option(help: .hidden) var guardPatience: Moment?
  @Flag(help: "Lines instead of the live view, also on a terminal.") var lines = false
  @Option(help: "Colours: auto, always or never.") var colour = Colour.auto

  /// How long heartbeats may be missing before the guard takes VBUS down.
  private static let patience = Nanoseconds(250_000_000)

  func validate() throws {
    guard speed >= 0.1, speed <= 100 else { throw ValidationError("--speed must be from 0.1 to 100.") }
    guard duration.map({ $0.time > .zero }) ?? true else {
      throw ValidationError("--duration must be above 0.")
    }
    let patience = guardPatience?.time ?? Serve.patience
    guard patience >= Nanoseconds(100_000_000) else {
      throw ValidationError("--guard-patience must be at least 100 ms.")
    }
    guard port == nil || config == nil else {
      throw ValidationError("--port is instead of a configuration; write `hardware:` into the file.")
    }
    guard power == nil || port != nil else { throw ValidationError("--power is of the port of --port.") }
  }

  func run() throws {
    let settings = try readSettings()
    let isLive = Output.isTerminal && !lines && !json && !settings.isJSON
    // Log lines would run through the picture; only what is serious may.
    let level = logLevel ?? (isLive ? .error : settings.logLevel)
    let environment = ProcessInfo.processInfo.environment
    let log = LogThread()
    defer { log.finish() }
    let logger = Logger(label: "ofc") { _ in
      QueuedLogHandler(
        log, level: Logger.Level(rawValue: level.rawValue) ?? .notice,
        isForJournal: environment["JOURNAL_STREAM"] != nil)
    }
    var bay = HardwareBay()
    do {
      try bay.open(settings)
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.deviceFailed
    }
    let keys: KeyCabinet
    do {
      keys = try KeyCabinet(settings, log: ChargerDaemon.keyLog(logger))
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.unusableArgument
    }
    let end: ChargerDaemon.End
    do {
      let daemon = try makeDaemon(settings, keys, bay, isLive: isLive, logger: logger)
      end = daemon.run()
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.guardLost
    }
    if end == .unsafe { throw ExitStatus.guardLost }
  }

  private func readSettings() throws -> ChargerSettings {
    var settings = BuiltInCharger.settings
    if let port {
      var desk = PortSettings(name: "port", offer: StandardOffer.offer(pdp: power ?? Milliwatts(45_000)))
      desk.hardware = port
      settings = ChargerSettings(budget: desk.offer.pdp, ports: [desk])
    }
    if let config {
      do {
        settings = try ChargerSettings.read(file: config)
      } catch {
        for mistake in error.errors { Output.complain("\(mistake)") }
        throw error.kind == .unreadable ? ExitStatus.unusableFile : ExitStatus.unusableArgument
      }
    }
    if speed != 1, settings.ports.contains(where: { $0.hardware != nil }) {
      Output.complain("chips know only real time: --speed is for simulated ports")
      throw ExitStatus.unusableArgument
    }
    if simulate {
      for index in settings.ports.indices
      where settings.ports[index].visits.isEmpty && settings.ports[index].hardware == nil {
        settings.ports[index].visits = [
          PhoneVisit(phone: Serve.phone(for: settings.ports[index]), arrival: Nanoseconds(1_000_000_000))
        ]
      }
    }
    return settings
  }

  /// A phone that speaks what the port speaks, with the port's keys where they are in a file or invented.
  private static func phone(for port: PortSettings) -> PhoneSettings {
    guard let xiaomi = port.xiaomi else { return PhoneSettings(.pps) }
    var phone = PhoneSettings(.xiaomi)
    switch xiaomi.keys {
    case .file, .synthetic, .syntheticWrong: phone.xiaomi.keys = xiaomi.keys
    case .none, .program, .socket: break
    }
    return phone
  }

  private func makeDaemon(
    _ settings: ChargerSettings, _ keys: KeyCabinet, _ bay: HardwareBay, isLive: Bool, logger: Logger
  ) throws(GuardConnection.Failure) -> ChargerDaemon {
    var options = ChargerDaemon.Options(bay: bay)
    options.file = config
    options.pace = Pace(thousandths: Int64((speed * 1_000).rounded()))
    options.duration = duration?.time
    options.seed = seed
    let notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment)
    var arguments = ["guard", "--patience", "\((guardPatience?.time ?? Serve.patience).rawValue)ns"]
    if let guardLog { arguments += ["--log", guardLog] }
    for (number, port) in settings.ports.enumerated() {
      if let hardware = bay.pinned(port) { arguments += ["--hardware", "\(number)=\(hardware)"] }
    }
    let startGuard = { () throws(GuardConnection.Failure) -> GuardConnection in
      try GuardConnection(executable: "/proc/self/exe", arguments: arguments)
    }
    if isLive {
      return try ChargerDaemon(
        settings, keys: keys, options: options,
        view: { LiveView(width: Terminal.width, output: Terminal.write) },
        notifier: notifier, logger: logger, startGuard: startGuard)
    }
    if json || settings.isJSON {
      return try ChargerDaemon(
        settings, keys: keys, options: options, view: { JSONView(output: Terminal.line) }, notifier: notifier,
        logger: logger, startGuard: startGuard)
    }
    let usesColour = colour.isOn
    let names = settings.ports.map(\.name)
    return try ChargerDaemon(
      settings, keys: keys, options: options,
      view: { LineView(names: names, usesColour: usesColour, output: Terminal.line) },
      notifier: notifier, logger: logger, startGuard: startGuard)
  }
}

extension ChargerSettings.LogWord: ExpressibleByArgument {}

/// Standard output from the thread that shows things. A reader that has gone does not end the charger.
private enum Terminal {
  @Sendable static func write(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }

  @Sendable static func line(_ text: String) { write(text + "\n") }

  /// The columns of the terminal; 100 where it does not tell.
  @Sendable static func width() -> Int {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
    return Int(size.ws_col)
  }
}
