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
      charger, a phone or a port of both roles of this project, in real time. The protocol is in spec/twin.md, a client in C in tools/twin.

      examples
        ofc twin fusb302 --partner charger --listen unix:/tmp/fusb302
        ofc twin fusb302 --partner phone --voltage 9 --listen unix:/tmp/fusb302
        ofc twin fusb302 --partner dual --swap-after 5s --listen unix:/tmp/fusb302
      """)

  enum Chip: String, ExpressibleByArgument, CaseIterable { case fusb302 }
  enum Partner: String, ExpressibleByArgument, CaseIterable { case charger, phone, dual }

  @Argument(help: "The chip.") var chip: Chip
  @Option(help: "Who is at the far end: charger, phone or dual.") var partner: Partner
  @Option(help: ArgumentHelp("Where to listen.", valueName: "unix:PATH")) var listen: String
  @Option(help: ArgumentHelp("The power of a charger in watts.", valueName: "watts")) var power = 45
  @Option(help: ArgumentHelp("The voltage that a phone asks for.", valueName: "volts")) var voltage = 9
  @Option(
    help: ArgumentHelp(
      "A dual partner asks for a power role swap this long after its first contract.", valueName: "time"))
  var swapAfter: Moment?
  @Option(help: ArgumentHelp("Stop after this time.", valueName: "time")) var duration: Moment?

  func validate() throws {
    guard listen.hasPrefix("unix:"), listen.count > 5 else {
      throw ValidationError("--listen needs the path of a socket: unix:/tmp/fusb302.")
    }
    guard (15...100).contains(power) else { throw ValidationError("--power must be from 15 to 100.") }
    guard (5...20).contains(voltage) else { throw ValidationError("--voltage must be from 5 to 20.") }
    guard swapAfter == nil || partner == .dual else {
      throw ValidationError("--swap-after needs --partner dual.")
    }
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
    let watts = Milliwatts(Int32(power) * 1_000)
    var source = ChargerModel(.pps, power: watts).policy(power: watts)
    source.budget = nil
    let limits = SupervisorLimits(
      voltage: Millivolts(21_200), current: Milliamperes(5_000), power: watts + Milliwatts(500))
    var sink = PhoneModel.pd3Fixed.setup.sink
    sink.strategy = .fixed(maximumVoltage: Millivolts(Int32(voltage) * 1_000))
    switch partner {
    case .charger: return ChipTwin(.charger(source, limits))
    case .phone: return ChipTwin(.phone(sink))
    case .dual:
      let twin = ChipTwin(.dual(source, sink, limits))
      twin.powerSwapDelay = swapAfter?.time
      return twin
    }
  }
}
