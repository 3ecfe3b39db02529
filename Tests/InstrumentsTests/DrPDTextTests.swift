import Instruments
import LineCode
import Quantities
import TestSupport
import Testing

@Suite struct DrPDTextTests {
  @Test(arguments: [
    "\"MTA Inc.\",Dr.PD,E66,0.9.11", "MTA Inc.,Dr.PD,E66,0.9.11", " \"MTA Inc.\" , Dr.PD , E66 , 0.9.11\r\n",
  ])
  func identity(_ text: String) throws {
    let identity = try DrPDIdentity(text)
    #expect(identity.manufacturer == "MTA Inc." && identity.model == "Dr.PD")
    #expect(identity.serialNumber == "E66" && identity.version == [0, 9, 11])
  }

  @Test(arguments: [("1.2.3-rc1", [1, 2, 3]), ("1.2", nil), ("v1.2.3", nil), ("1.2.x", nil)])
  func version(_ text: String, _ version: [Int]?) throws {
    #expect(try DrPDIdentity("a,b,c,\(text)").version == version)
  }

  @Test func measurement() throws {
    let reading = try DrPDMeasurement(
      "101926137013,9.04,-1.52,1.65,0.00,1.64,0.01,2.50,0.00,1.65,7000000,12,4294967295")
    #expect(reading.time == Microseconds(101_926_137_013))
    #expect(reading.vbus == Millivolts(9040) && reading.current == Milliamperes(-1520))
    #expect([reading.dutCC1, reading.dutCC2] == [Millivolts(1650), .zero])
    #expect([reading.partnerCC1, reading.partnerCC2] == [Millivolts(1640), Millivolts(10)])
    #expect(
      [reading.adcReference, reading.groundReference, reading.currentReference]
        == [Millivolts(2500), .zero, Millivolts(1650)])
    #expect(reading.accumulated == Microseconds(7_000_000) && reading.chargeCount == 12)
    #expect(reading.energy == MilliwattHours(.max))
  }

  @Test(arguments: [
    "", "1,2,3", "x,9.04,0.00,1.65,0.00,1.65,0.00,2.50,0.00,1.65,1,1,1",
    "1,9.0.4,0.00,1.65,0.00,1.65,0.00,2.50,0.00,1.65,1,1,1",
    "1,9.04,0.00,1.65,0.00,1.65,0.00,2.50,0.00,1.65,1,1,-1",
    "1,9999999999,0.00,1.65,0.00,1.65,0.00,2.50,0.00,1.65,1,1,1",
    "1,9.04,0.00,1.65,0.00,1.65,0.00,2.50,0.00,1.65,1,1,1,1",
  ])
  func noMeasurement(_ text: String) {
    #expect(throws: DrPDTextError("a measurement of thirteen numbers", text)) { try DrPDMeasurement(text) }
  }

  @Test func role() throws {
    let one = try DrPDRole("OBSERVER")
    #expect(one.role == .observer && one.attachment == nil && one.source == nil)
    let six = try DrPDRole("SINK,ATTACHED,DUT,CC1,USDS,CC2")
    #expect(six.role == .sink && six.attachment == .attached)
    #expect(six.source?.port == "DUT" && six.source?.line == "CC1")
    #expect(six.sink?.port == "USDS" && six.sink?.line == "CC2")
    #expect(try DrPDRole("NEW_ROLE").role.rawValue == "NEW_ROLE")
    for text in ["", "SINK,ATTACHED", "a,b,c,d,e,f,g"] {
      #expect(throws: DrPDTextError.self) { try DrPDRole(text) }
    }
  }

  @Test(arguments: [
    ("Device busy", DrPDRefusal.busy), ("Unsupported frame", .unsupportedFrame),
    ("Command request produced data response", .notACommand), ("Missing query response", .notAQuery),
    ("what", .other("what")), ("", .other("")),
  ])
  func refusals(_ text: String, _ refusal: DrPDRefusal) { #expect(DrPDRefusal(text) == refusal) }

  @Test func errorEntry() throws {
    let entry = try DrPDErrorEntry("-221,\"Settings conflict, so\"")
    #expect(entry.code == -221 && entry.text == "Settings conflict, so")
    #expect(try DrPDErrorEntry("0").text == "")
    #expect(throws: DrPDTextError.self) { try DrPDErrorEntry("none") }
  }

  @Test(arguments: [
    ("FIXED,5.000000,3.000000,", DrPDSourceObject.fixed(Millivolts(5000), Milliamperes(3000))),
    ("FIXED,0.000000,0.000000", .fixed(.zero, .zero)),
    ("VARIABLE,3.3,21,2.5", .variable(Millivolts(3300)...Millivolts(21000), Milliamperes(2500))),
    ("BATTERY,5.0,20.0,45.25", .battery(Millivolts(5000)...Millivolts(20000), Milliwatts(45250))),
    (
      "SPR_PPS,5.000000,21.000000,5.000000,",
      .programmable(Millivolts(5000)...Millivolts(21000), Milliamperes(5000))
    ),
    ("AUGMENTED,3.3,11,3", .programmable(Millivolts(3300)...Millivolts(11000), Milliamperes(3000))),
    ("SPR_AVS,9.0,20.0,100.0", .sprAdjustable(Millivolts(9000)...Millivolts(20000), Milliwatts(100_000))),
    (
      "SPR_AVS,9.0,20.0,5.0,4.5,",
      .sprAdjustableCurrents(
        Millivolts(9000)...Millivolts(20000), at15V: Milliamperes(5000), at20V: Milliamperes(4500))
    ),
    ("EPR_AVS,15.0,48.0,240.0", .eprAdjustable(Millivolts(15000)...Millivolts(48000), Milliwatts(240_000))),
    ("FUTURE,1,2", .other("FUTURE,1,2")),
  ])
  func objects(_ text: String, _ object: DrPDSourceObject) throws {
    #expect(try DrPDSourceObject(text) == object)
  }

  @Test func objectsThatAreNone() throws {
    #expect(try DrPDSourceObject("NONE") == nil)
    for text in ["", "FIXED", "FIXED,5", "FIXED,a,b", "SPR_PPS,21,5,3", "SPR_AVS,1,2,3,4,5", "BATTERY,1,2,x"]
    {
      #expect(throws: DrPDTextError("an object of a source", text)) { try DrPDSourceObject(text) }
    }
    #expect(DrPDSourceObject.fixed(.zero, .zero).isEmpty)
    #expect(!DrPDSourceObject.fixed(Millivolts(5000), .zero).isEmpty)
  }

  @Test(
    arguments: [("10.000000", 100_000_000), ("12.5", 80_000_000), ("6.666", 150_015_002)]
      as [(String, UInt64)])
  func pulseRate(_ text: String, _ hertz: UInt64) throws {
    #expect(try DrPDNumber.pulseRate(text) == TickRate(hertz: hertz))
  }

  @Test(arguments: ["", "0", "-10", "1e1", "1001", "ten"]) func noPulseRate(_ text: String) {
    #expect(throws: DrPDTextError("the length of a cycle", text)) { try DrPDNumber.pulseRate(text) }
  }

  @Test func numbers() throws {
    #expect(try DrPDNumber.volts("48.000000") == Millivolts(48000))
    #expect(try DrPDNumber.millivolts("9000.75") == Millivolts(9000))
    #expect(try DrPDNumber.milliamperes("3000.000000") == Milliamperes(3000))
    #expect(try DrPDNumber.count("250") == 250)
    #expect(throws: DrPDTextError.self) { try DrPDNumber.count("-1") }
    #expect(throws: DrPDTextError.self) { try DrPDNumber.time("-1") }
    #expect(try DrPDVBUSState("OCP,NONE,77").overcurrent == Microseconds(77))
    #expect(throws: DrPDTextError.self) { try DrPDVBUSState("OCP,NONE,x") }
    #expect(throws: DrPDTextError.self) { try DrPDStatus("4294967296") }
    #expect(
      try DrPDRequestStatus("ACCEPTED,1,9000,3000") == DrPDRequestStatus("ACCEPTED,1,9000.0,3000.00"))
  }

  /// A block with and without its newline; a byte more or less is refused.
  @Test func blocks() throws {
    let payload = [UInt8](repeating: 0, count: 32)
    let block = Array("#232".utf8) + payload
    #expect(try DrPDCaptureRecord(answer: block.span).data.isEmpty)
    #expect(try DrPDCaptureRecord(answer: (block + [0x0A]).span).pulses.isEmpty)
    for other in [block + [0x0B], block + [0x0A, 0x0A], Array(block.dropLast()), [], Array("#".utf8)] {
      #expect(throws: DrPDError.self) { try DrPDCaptureRecord(answer: other.span) }
    }
  }
}
