import ArgumentParser
import Foundation
import Glibc
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Simulator

/// `ofc twin`: a chip model for somebody else's driver.
struct Twin: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves the model of a port controller to somebody else's driver.",
    discussion: """
      The chip answers I2C transfers over a Unix socket and shows its interrupt pin; at the far end of its cable is a
      charger or a phone of this project, in real time. The protocol is in spec/twin.md, a client in C in tools/twin.

      examples
        ofc twin fusb302 --partner charger --listen unix:/tmp/fusb302
        ofc twin fusb302 --partner phone --voltage 9 --listen unix:/tmp/fusb302
      """)

  enum Chip: String, ExpressibleByArgument, CaseIterable { case fusb302 }
  enum Partner: String, ExpressibleByArgument, CaseIterable { case charger, phone }

  @Argument(help: "The chip.") var chip: Chip
  @Option(help: "Who is at the far end: charger or phone.") var partner: Partner
  @Option(help: ArgumentHelp("Where to listen.", valueName: "unix:PATH")) var listen: String
  @Option(help: ArgumentHelp("The power of a charger in watts.", valueName: "watts")) var power = 45
  @Option(help: ArgumentHelp("The voltage that a phone asks for.", valueName: "volts")) var voltage = 9
  @Option(help: ArgumentHelp("Stop after this time.", valueName: "time")) var duration: Moment?

  func validate() throws {
    guard listen.hasPrefix("unix:"), listen.count > 5 else {
      throw ValidationError("--listen needs the path of a socket: unix:/tmp/fusb302.")
    }
    guard (15...100).contains(power) else { throw ValidationError("--power must be from 15 to 100.") }
    guard (5...20).contains(voltage) else { throw ValidationError("--voltage must be from 5 to 20.") }
  }

  func run() throws {
    let server: TwinServer
    do {
      server = try TwinServer(path: String(listen.dropFirst(5)))
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.unusableArgument
    }
    Output.complain("the chip listens on \(listen); a \(partner.rawValue) is at the far end")
    try server.serve(twin, for: duration?.time)
  }

  private var twin: ChipTwin {
    switch partner {
    case .charger:
      let watts = Milliwatts(Int32(power) * 1_000)
      var policy = ChargerModel(.pps, power: watts).policy(power: watts)
      policy.budget = nil
      return ChipTwin(
        .charger(
          policy,
          SupervisorLimits(
            voltage: Millivolts(21_200), current: Milliamperes(5_000), power: watts + Milliwatts(500))))
    case .phone:
      var policy = PhoneModel.pd3Fixed.setup.sink
      policy.strategy = .fixed(maximumVoltage: Millivolts(Int32(voltage) * 1_000))
      return ChipTwin(.phone(policy))
    }
  }
}
