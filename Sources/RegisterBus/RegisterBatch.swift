/// Register accesses that go to the bus together: one call of `RegisterBus.run`, one round trip of a USB bridge.
///
/// A value without heap. Operations are carried out in their order; one that fails ends the batch. What does not fit
/// is not kept and leaves the batch `isOverfull`, which a bus refuses to run: nothing is done half.
public struct RegisterBatch: Sendable {
  /// How many operations fit.
  public static var operationCapacity: Int { 24 }
  /// How many bytes fit, over all operations, written and read.
  public static var dataCapacity: Int { 256 }

  private var operations = InlineArray<24, RegisterOperation>(
    repeating: RegisterOperation(
      direction: .write, address: BusAddress(rawValue: 0), register: 0, count: 0, offset: 0))
  private var data = InlineArray<256, UInt8>(repeating: 0)
  private var usedBytes = 0
  /// How many operations there are.
  public private(set) var count = 0
  /// Whether something did not fit.
  public private(set) var isOverfull = false

  public init() {}

  public var isEmpty: Bool { count == 0 }

  /// Empties the batch for another use.
  public mutating func removeAll() {
    count = 0
    usedBytes = 0
    isOverfull = false
  }

  // MARK: Filling

  /// Writes one byte.
  public mutating func write(_ value: UInt8, to register: UInt8, of address: BusAddress) {
    startWrite(to: register, of: address)
    append(value)
  }

  /// Writes `bytes` in one transfer, starting at `register`.
  public mutating func write(_ bytes: Span<UInt8>, to register: UInt8, of address: BusAddress) {
    startWrite(to: register, of: address)
    for index in bytes.indices { append(bytes[index]) }
  }

  /// Begins a write whose bytes `append` adds.
  public mutating func startWrite(to register: UInt8, of address: BusAddress) {
    _ = add(.write, register, 0, address)
  }

  /// Adds one byte to the write that was begun last; behind a read, or in an empty batch, the batch is spoiled.
  public mutating func append(_ byte: UInt8) {
    guard !isOverfull, count > 0, operations[count &- 1].direction == .write,
      usedBytes < RegisterBatch.dataCapacity
    else {
      isOverfull = true
      return
    }
    data[usedBytes] = byte
    usedBytes &+= 1
    operations[count &- 1].count &+= 1
  }

  /// Reads `count` bytes in one transfer, starting at `register`.
  /// - Returns: the index of the operation, by which the bytes are found afterwards.
  @discardableResult public mutating func read(
    _ count: Int = 1, from register: UInt8, of address: BusAddress
  ) -> Int {
    add(.read, register, max(0, count), address)
  }

  private mutating func add(
    _ direction: RegisterOperation.Direction, _ register: UInt8, _ bytes: Int, _ address: BusAddress
  ) -> Int {
    guard !isOverfull, count < RegisterBatch.operationCapacity,
      bytes <= RegisterBatch.dataCapacity &- usedBytes
    else {
      isOverfull = true
      return RegisterBatch.operationCapacity
    }
    operations[count] = RegisterOperation(
      direction: direction, address: address, register: register, count: bytes, offset: usedBytes)
    for index in usedBytes..<usedBytes &+ bytes { data[index] = 0 }
    usedBytes &+= bytes
    count &+= 1
    return count &- 1
  }

  // MARK: For the bus, and for reading the results

  /// Operation `index`, counted from 0; `nil` where there is none.
  public func operation(_ index: Int) -> RegisterOperation? {
    index >= 0 && index < count ? operations[index] : nil
  }

  /// Byte `position` of operation `index`: what is to be written, or what was read. 0 where there is none.
  public func byte(_ position: Int = 0, of index: Int) -> UInt8 {
    guard let place = place(position, index) else { return 0 }
    return data[place]
  }

  /// For the bus: keeps byte `position` that read operation `index` brought. Others are ignored.
  public mutating func store(_ byte: UInt8, at position: Int, of index: Int) {
    guard let place = place(position, index), operations[index].direction == .read else { return }
    data[place] = byte
  }

  private func place(_ position: Int, _ index: Int) -> Int? {
    guard index >= 0, index < count, position >= 0, position < operations[index].count else { return nil }
    return operations[index].offset &+ position
  }
}
