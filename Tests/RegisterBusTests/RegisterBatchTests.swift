import RegisterBus
import Testing

@Suite("Batches of register accesses")
struct RegisterBatchTests {
  let chip = BusAddress(rawValue: 0x22)

  @Test("Bytes are found by their operation")
  func bytesByOperation() {
    var batch = RegisterBatch()
    batch.write(0x0F, to: 0x0B, of: chip)
    let status = batch.read(7, from: 0x3C, of: chip)
    batch.startWrite(to: 0x43, of: chip)
    for byte: UInt8 in [0x12, 0x13, 0x1B] { batch.append(byte) }
    for position in 0..<7 { batch.store(UInt8(position) + 0xA0, at: position, of: status) }
    batch.store(0xEE, at: 0, of: 0)
    let found = (0..<3).map { index in
      (0..<(batch.operation(index)?.count ?? 0)).map { batch.byte($0, of: index) }
    }
    #expect(found == [[0x0F], [0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6], [0x12, 0x13, 0x1B]])
  }

  @Test("What is not there reads as 0 and cannot be stored")
  func outside() {
    var batch = RegisterBatch()
    batch.read(2, from: 0, of: chip)
    for (position, index) in [(2, 0), (-1, 0), (0, 1), (0, -1)] { batch.store(1, at: position, of: index) }
    #expect(
      [batch.byte(0, of: 0), batch.byte(1, of: 0), batch.byte(2, of: 0), batch.byte(0, of: 9)] == [
        0, 0, 0, 0,
      ])
    #expect(batch.operation(1) == nil)
  }

  @Test("A batch that is too long says so and stays as it was")
  func overfull() {
    var many = RegisterBatch()
    for register in 0..<25 { many.write(1, to: UInt8(register), of: chip) }
    var long = RegisterBatch()
    long.read(200, from: 0, of: chip)
    let second = long.read(57, from: 0, of: chip)
    var strange = RegisterBatch()
    strange.read(1, from: 0, of: chip)
    strange.append(5)
    #expect([many.isOverfull, long.isOverfull, strange.isOverfull] == [true, true, true])
    #expect([many.count, long.count, second, strange.count] == [24, 1, 24, 1])
    long.removeAll()
    long.read(256, from: 0, of: chip)
    #expect(!long.isOverfull && long.count == 1)
  }

  @Test("An address has seven bits")
  func address() {
    let address = BusAddress(rawValue: 0xA2)
    #expect([address.rawValue, address.writeByte, address.readByte] == [0x22, 0x44, 0x45])
  }
}
