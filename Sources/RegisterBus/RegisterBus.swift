/// A bus on which chips have registers: I2C behind a USB bridge, on a Linux machine or in a microcontroller.
///
/// It waits for its answer; one port's thread calls it and nobody else (one hop fewer than a queue). A call is one
/// round trip, which is what counts on USB: drivers put into a batch what can go together.
public protocol RegisterBus {
  /// Carries out the operations of `batch` in order and stores in it what was read.
  ///
  /// - Throws: where an operation failed; those before it are done, those behind it are not. A batch that
  ///   `isOverfull` is refused as a whole with `.overfullBatch`.
  mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError)
}
