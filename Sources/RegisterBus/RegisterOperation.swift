/// One access to the registers of one chip: START, address, register, then bytes in one direction, STOP.
///
/// A read sends address and register, a repeated START, the address again, and takes `count` bytes. Whether the chip
/// steps from register to register behind the first byte is the chip's affair.
public struct RegisterOperation: Equatable, Sendable {
  /// Which way the bytes go.
  public enum Direction: UInt8, Sendable {
    case write, read
  }

  public let direction: Direction
  public let address: BusAddress
  /// The first register.
  public let register: UInt8
  /// How many bytes follow the register.
  public internal(set) var count: Int
  /// Where the bytes begin in the data of the batch.
  let offset: Int
}
