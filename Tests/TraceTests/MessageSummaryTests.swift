import LineCode
import PowerDelivery
import TestSupport
import Testing
import Trace

/// One-line summaries of messages that golden recordings do not hold.
@Suite struct MessageSummaryTests {
  @Test(arguments: [
    ("6f23108101ff00000000", "Vendor_Defined SVID FF01 DisplayPort Status Update REQ, mode 1: 0x00000000"),
    ("4f10518101ff", "Vendor_Defined SVID FF01 DisplayPort Configure ACK, mode 1"),
    ("6f210201ac0502000020", "Vendor_Defined SVID 05AC unstructured 0x0102: 20000002"),
    ("af1801011727", "Vendor_Defined Xiaomi CHARGER_VERSION request"),
    ("af200601172701000000", "Vendor_Defined Xiaomi VERIFIED request: 00000001"),
    ("8f110902012b", "Vendor_Defined ZMI command 0x09 answer"),
    ("8f1101031727", "Vendor_Defined Xiaomi CHARGER_VERSION direction 3"),
    ("aa1700000504", "EPR_Mode Enter Failed: EPR Capable bit not set in PDO"),
    ("85180002c801", "Battery_Status 45.6 Wh, Charging"),
    ("a6130000000c", "Alert over-current, over-temperature"),
    ("ab173c646480", "Source_Info maximum 100 W, present 100 W, reported 60 W"),
    ("acad0480c101270a0000", "PPS_Status 8.98 V, 1.95 A, current limit"),
    ("a7bb09803412785641636d650000", "Manufacturer_Info VID 1234 PID 5678 \"Acme\""),
    ("aeb108800300444555534a500000", "Country_Codes DE, US, JP"),
    ("b900", "Reserved control 25"),
  ])
  func summary(wire: String, text: String) throws {
    var context = ReadingContext()
    let message = try Message(wireBytes: bytes(wire).span)
    let decoded = context.read(message)
    #expect(MessageSummary.text(message, decoded.value, data: context.dataBlock) == text)
  }
}
