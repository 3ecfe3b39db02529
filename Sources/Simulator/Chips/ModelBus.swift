public import Quantities
public import RegisterBus

/// How long a bus takes.
public struct BusTiming: Equatable, Sendable {
  /// What a call costs beside the bits: over USB, a micro-frame each way.
  public var call: Nanoseconds
  /// One bit at 400 kHz.
  public var bit: Nanoseconds

  public init(call: Nanoseconds = Nanoseconds(250_000), bit: Nanoseconds = Nanoseconds(2_500)) {
    self.call = call
    self.bit = bit
  }

  /// START, address, register, bytes, STOP; a read addresses the chip twice.
  func duration(of operation: RegisterOperation) -> Nanoseconds {
    let bytes = operation.count + (operation.direction == .read ? 3 : 2)
    return Nanoseconds(bit.rawValue * Int64(bytes * 9 + 2))
  }
}

/// A call of the bus that goes wrong.
public struct BusFault: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// Nothing is done.
    case refused
    /// So many operations are done, the next one is not.
    case cutAfter(Int)
    /// All is done, and the answer is lost.
    case answerLost
  }

  /// The call, counted from 0, and how many in a row go wrong.
  public var call: Int
  public var count: Int
  public var kind: Kind
  public var cause: RegisterBusError.Cause

  public init(call: Int, count: Int = 1, _ kind: Kind, _ cause: RegisterBusError.Cause = .timedOut) {
    self.call = call
    self.count = count
    self.kind = kind
    self.cause = cause
  }

  func hits(_ number: Int) -> Bool { number >= call && number - call < count }
}

/// A bus that reaches the chips of one side of a bench directly. Its calls take time on the bench.
public struct ModelBus: RegisterBus {
  public let bench: ChipBench
  public let side: Side

  public init(_ bench: ChipBench, _ side: Side) {
    self.bench = bench
    self.side = side
  }

  public mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    try bench.run(&batch, side)
  }
}
