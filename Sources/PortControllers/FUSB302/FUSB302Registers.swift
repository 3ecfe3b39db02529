import RegisterBus

/// The registers that change while a port is at work, as they should be or as they are in the chip.
///
/// Kept because a plain write of one bit would clear the others, and so that only what differs is written.
struct FUSB302Registers: Equatable {
  var switches0 = FUSB302Switches0(rawValue: 0)
  var switches1 = FUSB302Switches1.resetValue
  var measure = FUSB302Measure.resetValue
  var control0 = FUSB302Control0(rawValue: 0)
  var control1 = FUSB302Control1.resetValue
  var control3 = FUSB302Control3.resetValue

  /// Adds to `batch` what has to be written to get from `present` to these values.
  ///
  /// Pull-ups and VCONN go before the levels that they are measured with; what is being taken off VCONN, first of all.
  func write(over present: FUSB302Registers, into batch: inout RegisterBatch, of chip: BusAddress) {
    if switches0 != present.switches0 { batch.write(switches0, of: chip) }
    if measure != present.measure { batch.write(measure, of: chip) }
    if switches1 != present.switches1 { batch.write(switches1, of: chip) }
    if control0 != present.control0 { batch.write(control0, of: chip) }
    if control1 != present.control1 { batch.write(control1, of: chip) }
    if control3 != present.control3 { batch.write(control3, of: chip) }
  }

  /// All of them, for a chip of which nothing is known.
  func writeAll(into batch: inout RegisterBatch, of chip: BusAddress) {
    batch.write(switches0, of: chip)
    batch.write(measure, of: chip)
    batch.write(switches1, of: chip)
    batch.write(control0, of: chip)
    batch.write(control1, of: chip)
    batch.write(control3, of: chip)
  }
}
