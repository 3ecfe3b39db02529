/// A bus on which chips have registers: I2C behind a USB bridge, on a Linux machine or in a microcontroller.
///
/// It waits for its answer; one port's thread calls it and nobody else (one hop fewer than a queue). A call is one
/// round trip, which is what counts on USB: drivers put into a batch what can go together.
public protocol RegisterBus {
  /// Carries out the operations of `batch` in order and stores in it what was read.
  ///
  /// - Throws: where an operation failed. Those before it are done. Nothing that those behind it read is kept, but a
  ///   bridge that gets the batch as one program without branches (MPSSE) has had their writes on the bus: a driver
  ///   takes the chip's state for unknown from the failed one on. A batch that `isOverfull` is refused as a whole
  ///   with `.overfullBatch`.
  mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError)
}
