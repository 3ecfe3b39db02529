import Instruments
import Quantities
import Simulator
import TestSupport
import Testing

/// The model answers as the facts say: each quirk that a driver cannot show by itself.
@Suite struct DrPDModelTests {
  /// All that comes back, transfer by transfer.
  private func answers(_ model: inout DrPDModel, _ bytes: [UInt8]) -> [[UInt8]] {
    _ = model.receive(bytes, at: 0x06)
    var transfers: [[UInt8]] = []
    while case .done(let transfer) = model.send(from: 0x86, capacity: 4096) { transfers.append(transfer) }
    return transfers
  }

  private func answer(_ model: inout DrPDModel, _ frame: DrPDFrame) throws -> DrPDFrame? {
    var reader = DrPDFrameReader()
    for transfer in answers(&model, frame.bytes) { reader.append(transfer) }
    return try reader.next()
  }

  private func ask(_ model: inout DrPDModel, _ text: String) throws -> String? {
    try answer(&model, .request(text, tag: 5))?.text
  }

  @Test(
    arguments: [
      (DrPDFrameKind.command, "*IDN?", "Command request produced data response"),
      (.query, "BUS:CC:CAP:EN ON", "Missing query response"),
      (DrPDFrameKind(rawValue: 0x42), "", "Unsupported frame"),
      (.query, "NO:SUCH?", "-113,\"Undefined header\""),
      (.query, "BUS:CC:CAP:DATA?", "-200,\"Execution error\""),
      (.query, "SINK:STATUS?", "-221,\"Settings conflict\""),
      (.command, "BUS:VBUS:OVPT 20000", "-222,\"Data out of range\""),
      (.command, "BUS:CC:ROLE CABLE_TEST", "-224,\"Illegal parameter value\""),
    ] as [(DrPDFrameKind, String, String)])
  func errors(_ kind: DrPDFrameKind, _ text: String, _ error: String) throws {
    var model = DrPDModel()
    let answer = try answer(&model, DrPDFrame(kind, tag: 9, payload: Array(text.utf8)))
    #expect(answer?.kind == .error && answer?.tag == 9 && answer?.text == error)
    // Reported at once: nothing is left behind.
    #expect(try ask(&model, "SYST:ERR?") == "0,\"No error\"")
  }

  /// Bytes without the magic cost the whole buffer, a good frame behind them too, and nothing is said.
  @Test func badMagic() throws {
    var model = DrPDModel()
    let good = DrPDFrame.request("*IDN?", tag: 1).bytes
    #expect(answers(&model, [UInt8](repeating: 0, count: 12) + good) == [])
    #expect(try ask(&model, "*IDN?")?.hasPrefix("\"MTA Inc.\",Dr.PD,") == true)
  }

  @Test func frameInPieces() {
    var model = DrPDModel()
    let bytes = DrPDFrame.request("*IDN?", tag: 1).bytes
    #expect(answers(&model, Array(bytes.prefix(13))) == [])
    #expect(answers(&model, Array(bytes.dropFirst(13))).count == 1)
  }

  /// An answer of a multiple of 64 bytes ends with a zero-length packet: with room for just those, one more transfer.
  @Test func zeroLengthPacket() {
    var model = DrPDModel()
    // 12 + 4 + 32 + 15 + 1 bytes.
    let payload = DrPDModel.payload(start: 1, end: 2, 0, [0, 0, 0, 0], [], [UInt8](repeating: 1, count: 15))
    model.play([DrPDModel.Record(time: Microseconds(1), payload: payload)])
    model.advance(to: Nanoseconds(1000))
    _ = model.receive(DrPDFrame.request("BUS:CC:CAP:DATA?", tag: 1).bytes, at: 0x06)
    guard case .done(let first) = model.send(from: 0x86, capacity: 64) else {
      Issue.record("no answer")
      return
    }
    #expect(first.count == 64 && model.send(from: 0x86, capacity: 64) == .done([]))
    #expect(model.send(from: 0x86, capacity: 64) == .notYet)
  }

  @Test func statusClears() throws {
    var model = DrPDModel()
    model.attach()
    let first = try answer(&model, .request("STAT:DEV?", tag: 1))
    #expect(first?.text == "8" && first?.hasNews == false)
    #expect(try ask(&model, "STAT:DEV?") == "0")
    model.detach()
    #expect(try answer(&model, .request("*IDN?", tag: 2))?.hasNews == true)
  }

  @Test func roleFields() throws {
    var model = DrPDModel()
    model.attach()
    #expect(try ask(&model, "BUS:CC:ROLE?") == "OBSERVER,ATTACHED,USDS,CC1,DUT,CC1")
    model.habits.roleFields = 1
    #expect(try ask(&model, "bus:cc:role?") == "OBSERVER")
  }

  /// The other interfaces take what comes and answer nothing.
  @Test func usbtmcIsSilent() {
    var model = DrPDModel()
    #expect(model.receive(bytes("0101fe0006000000010000002a49444e3f0a0000"), at: 0x01) == .done([]))
    #expect(model.send(from: 0x81, capacity: 4096) == .notYet)
  }

  @Test func interfaces() {
    var habits = DrPDModel.Habits()
    let count = { (habits: DrPDModel.Habits) in DrPDModel(habits: habits).descriptors.configuration[4] }
    #expect(count(habits) == 6)
    habits.isInFaultMode = true
    #expect(count(habits) == 5 && DrPDModel(habits: habits).descriptors.strings[1] == "Dr. PD")
  }
}
