import Foundation
import Testing

/// `ofc explain` of single messages.
@Suite(.enabled(if: Command.isBuilt, Comment(rawValue: Command.absent))) struct ExplainTests {
  private static let capabilities = "a1632c91012f2cd102002cb10400454106003c21a4c945b104e0"
  private static let identity = "8f5141a000ff5c31601c9410000010030d0843460a45"

  /// Arguments, and what must stand in the text.
  @Test(
    arguments: [
      (
        ["82103c840353", "--source-capabilities", capabilities],
        ["PPS 9.00 V 3.00 A (object 5)", "PPS RDO", "20:9"]
      ),
      (["82", "10", "3c:84:03:53", "--source-capabilities", "0x" + capabilities], ["PPS 9.00 V 3.00 A"]),
      (["82103c840353"], ["PD0506", "Object Position"]),
      (
        [
          "b1ad20880000f4c10800", "--before", "b1fb20802c91812b2cd102002cc103002cb10400f44106006421a4c90000",
        ], ["8: 28.00 V 5.00 A", "Object 8", "Extended Message Header"]
      ),
      (["b1ad20880000f4c10800"], ["PD0", "Extended Message Header"]),
      ([identity, "--sop", "SOP'"], ["Discover Identity ACK", "Passive Cable VDO", "0x315C"]),
      ([identity, "--sop", "SOP′"], ["Passive Cable VDO"]),
      (["4102970db546"], ["GoodCRC", "The CRC at the end holds."]),
      (["--as", "PPSRDO", "0x4303843C"], ["PPS RDO", "9.00 V", "3.00 A"]),
      (["--as", "ppsrdo", "3c840343"], ["PPS RDO", "9.00 V", "3.00 A"]),
      (["--as", "StatusBlock", "29060000020000"], ["41 °C"]),
    ] as [([String], [String])])
  func text(_ arguments: [String], _ parts: [String]) throws {
    let result = try Command.run(["explain"] + arguments)
    #expect(result.status == 0 && result.complaints == "")
    let missing = parts.filter { !result.output.contains($0) }
    #expect(missing == [], "\(result.output)")
  }

  @Test func aWrongCRCIsNotTakenForOne() throws {
    let result = try Command.run("explain", "4102970db547")
    #expect(!result.output.contains("CRC at the end holds") && result.output.contains("PD0103"))
  }

  @Test func json() throws {
    let result = try Command.run(
      "explain", "82103c840353", "--source-capabilities", Self.capabilities, "--json")
    let objects = try #require(result.objects)
    #expect(objects.count == 1 && objects[0]["name"] as? String == "Request")
    let fields = try #require(objects[0]["fields"] as? [[String: Any]])
    let voltage = fields.first { $0["field"] as? String == "outputVoltage" }
    #expect(voltage?["value"] as? Int == 9_000 && voltage?["unit"] as? String == "mV")
    let object = try Command.run("explain", "--as", "PPSRDO", "0x4303843C", "--json")
    #expect(object.objects?.count == 1)
  }
}
