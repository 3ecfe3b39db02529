import LineCode
import TestSupport
import Testing

/// The vectors of floor 0 below the message: ordered sets, CRC, the bits of a frame.
@Suite struct LineVectorTests {
  @Test(arguments: try vectors("usb-pd-signals", of: SignalVector.self))
  func signals(_ vector: SignalVector) throws {
    let symbols = vector.symbols.compactMap { UInt32($0, radix: 2) }
    let word = symbols.reversed().reduce(0) { $0 << 5 | $1 }
    let received = SymbolQuadruple(rawValue: word)
    #expect(symbols.count == 4 && (0..<4).allSatisfy { UInt32(received[$0].rawValue) == symbols[$0] })
    #expect(vector.wireBits == String((0..<20).map { word >> $0 & 1 == 1 ? "1" : "0" }))
    let match = OrderedSet.match(received)
    let wrong = ["shall": 0, "may": 1][vector.accept]
    #expect(match?.wrongSymbols == wrong)
    #expect(match.map { "\($0.set)" } == vector.signal)
    if let match, wrong == 0 { #expect(match.set.symbols == received) }
  }

  @Test(arguments: try vectors("usb-pd-crc", of: CRCVector.self))
  func crc(_ vector: CRCVector) {
    let message = bytes(vector.bytes)
    let sum = CRC32(of: message.span)
    #expect(sum.value == UInt32(vector.crcValue, radix: 16))
    #expect((0..<4).map { UInt8(truncatingIfNeeded: sum.value >> ($0 * 8)) } == bytes(vector.crc))
    #expect(CRC32(of: (message + bytes(vector.crc)).span).isResidual)
    guard let wireBits = vector.wireBits else { return }
    let frame = LineFrame(OrderedSet(label: vector.sop ?? ""), message: message.span)
    guard var frame else {
      Issue.record("no frame")
      return
    }
    var bits = ""
    while let bit = frame.nextBit() { bits.append(bit ? "1" : "0") }
    #expect(bits == wireBits.filter { !$0.isWhitespace } && bits.count == frame.bitCount)
  }

  @Test func filesAreComplete() throws {
    #expect(try vectors("usb-pd-signals", of: SignalVector.self).count == 11)
    let all = try vectors("usb-pd-crc", of: CRCVector.self)
    #expect(all.count == 18 && all.count { $0.wireBits != nil } == 1)
  }
}
