/// The clock of an I2C bus.
public enum I2CSpeed: String, CaseIterable, Sendable {
  case standard100kHz, fast400kHz, fastPlus1MHz

  /// The divisor of the MPSSE: 60 MHz / (2 × (1 + d)), of which three-phase clocking leaves two thirds.
  var divisor: UInt16 {
    switch self {
    case .standard100kHz: 199
    case .fast400kHz: 49
    case .fastPlus1MHz: 19
    }
  }

  /// How often a command that holds the lines is repeated, at some 0.5 µs each: for tHD;STA, and for tBUF.
  var holds: (start: Int, idle: Int) {
    switch self {
    case .standard100kHz: (9, 10)
    case .fast400kHz: (2, 3)
    case .fastPlus1MHz: (1, 1)
    }
  }
}
