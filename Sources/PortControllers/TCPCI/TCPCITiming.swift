import PowerDelivery
import Quantities

/// The times of a TCPC.
enum TCPCITiming {
  /// How often a chip that starts is asked whether it is ready, and for how long.
  static var initialisationPoll: Nanoseconds { Nanoseconds(5_000_000) }
  static var initialisation: Nanoseconds { Nanoseconds(1_000_000_000) }
  /// After a change of terminations CC_STATUS means nothing for so long.
  static var settle: Nanoseconds { Nanoseconds(2_000_000) }
  /// tErrorRecovery: the partner sees open pins and takes the connection for ended.
  static var openPins: Nanoseconds { Timing.errorRecoverySourcingVCONN.minimum ?? Nanoseconds(240_000_000) }
  /// How long the result of a packet is waited for: four times a frame and its wait for GoodCRC, and a busy line before
  /// it. Other drivers wait 100 ms; an answer is of no use by then.
  static var transmission: Nanoseconds { Nanoseconds(20_000_000) }
  /// The first and the longest wait before a chip that failed is tried again.
  static var shortestRetry: Nanoseconds { Nanoseconds(10_000_000) }
  static var longestRetry: Nanoseconds { Nanoseconds(1_000_000_000) }
  /// The window in which interrupts are counted, and how long a storm is kept out.
  static var stormWindow: Nanoseconds { Nanoseconds(50_000_000) }
  static var stormQuiet: Nanoseconds { Nanoseconds(200_000_000) }
}
