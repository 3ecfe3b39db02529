public import ChargerSettings
public import PortControllers
import Quantities

extension FUSB302Options {
  /// The options for a FUSB302 that is wired like this.
  public init(_ hardware: HardwareSettings) {
    self.init()
    address = hardware.controllerAddress
    hasInterruptPin = hardware.hasInterruptLine
    // Without the line, the chip is asked instead.
    if !hardware.hasInterruptLine { attachedPoll = Nanoseconds(1_000_000) }
  }
}

extension TCPCIOptions {
  /// The options for a TCPC that is wired like this.
  public init(_ hardware: HardwareSettings) {
    self.init()
    address = hardware.controllerAddress
    hasInterruptPin = hardware.hasInterruptLine
  }
}
