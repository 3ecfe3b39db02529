import RegisterBus

/// The registers that change while a port is at work, as they should be or as they are in the chip.
///
/// Kept because a plain write of one bit would clear the others, and so that only what differs is written.
struct TCPCIRegisterSet: Equatable {
  var alertMask = TCPCIAlertMask()
  var control = TCPCIControl()
  var role = TCPCIRoleControl.open
  var power = TCPCIPowerControl()
  var headerInfo = TCPCIMessageHeaderInfo()
  var receiveDetect = TCPCIReceiveDetect()
  var disconnect = TCPCISinkDisconnectThreshold.resetValue

  /// Adds to `batch` what has to be written to get from `present` to these values.
  ///
  /// VCONN is taken off before the pins change, and put on when they have.
  /// - Parameter renewsReceiver: whether the chip may have lost what it needs to receive.
  func write(
    over present: TCPCIRegisterSet, renewsReceiver: Bool, into batch: inout RegisterBatch, of chip: BusAddress
  ) {
    let dropsVCONN = present.power.vconn && !power.vconn
    if dropsVCONN { batch.write(power, of: chip) }
    if control != present.control { batch.write(control, of: chip) }
    if role != present.role { batch.write(role, of: chip) }
    if power != present.power, !dropsVCONN { batch.write(power, of: chip) }
    if disconnect != present.disconnect { batch.write(disconnect, of: chip) }
    if renewsReceiver || headerInfo != present.headerInfo { batch.write(headerInfo, of: chip) }
    if renewsReceiver || receiveDetect != present.receiveDetect { batch.write(receiveDetect, of: chip) }
    if alertMask != present.alertMask { batch.write(alertMask, of: chip) }
  }

  /// All of them, for a chip of which nothing is known.
  func writeAll(into batch: inout RegisterBatch, of chip: BusAddress) {
    batch.write(receiveDetect, of: chip)
    batch.write(power, of: chip)
    batch.write(role, of: chip)
    batch.write(control, of: chip)
    batch.write(disconnect, of: chip)
    batch.write(headerInfo, of: chip)
    batch.write(alertMask, of: chip)
  }
}

extension TCPCIRoleControl {
  /// Both pins open.
  static var open: TCPCIRoleControl {
    var role = TCPCIRoleControl()
    role.cc1 = .unterminated
    role.cc2 = .unterminated
    return role
  }

  /// Rd on both pins.
  static var sink: TCPCIRoleControl {
    var role = TCPCIRoleControl()
    role.cc1 = .rd
    role.cc2 = .rd
    return role
  }
}

extension RegisterBatch {
  /// The two bytes that `operation` read, low byte first.
  func word(of operation: Int) -> UInt16 {
    UInt16(byte(of: operation)) | UInt16(byte(1, of: operation)) &<< 8
  }

  mutating func write(_ command: TCPCICommandCode, of chip: BusAddress) {
    write(TCPCICommand(rawValue: command.rawValue), of: chip)
  }
}
