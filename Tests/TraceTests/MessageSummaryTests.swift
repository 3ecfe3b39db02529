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
    ("af200601172701000000", "Vendor_Defined Xiaomi VERIFIED request: 1 (accepted)"),
    ("af200601172700000000", "Vendor_Defined Xiaomi VERIFIED request: 0 (not accepted)"),
    ("af200601172705000000", "Vendor_Defined Xiaomi VERIFIED request: 00000005"),
    ("8f250802172700000000", "Vendor_Defined Xiaomi REVERSE_AUTHEN answer: 0 (refused)"),
    ("8f290202172733000000", "Vendor_Defined Xiaomi CHARGER_VOLTAGE answer: 5.10 V"),
    ("8f2902021727fe010000", "Vendor_Defined Xiaomi CHARGER_VOLTAGE answer: 5.10 V"),
    ("8f2b0302172719000000", "Vendor_Defined Xiaomi CHARGER_TEMP answer: 25 °C"),
    ("8f270102172701000300", "Vendor_Defined Xiaomi CHARGER_VERSION answer: version 00030001"),
    (
      "af5e050117278f76007b0c2a7299b213d4bc567c7b6a",
      "Vendor_Defined Xiaomi AUTHENTICATION request: challenge 7b00768f99722a0cbcd413b26a7b7c56"
    ),
    (
      "8f5105021727755cb5f89008ff8900d85f78f2035fc5",
      "Vendor_Defined Xiaomi AUTHENTICATION answer: proof f8b55c7589ff0890785fd800c55f03f2"
    ),
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
