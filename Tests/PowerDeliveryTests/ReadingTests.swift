import LineCode
import Quantities
import Testing
import TestSupport

@testable import PowerDelivery

/// Reads messages one after the other and keeps the last result.
struct Reader {
  var context = ReadingContext()

  @discardableResult
  mutating func read(_ wire: String, _ set: OrderedSet = .sop) throws -> Decoded<MessageBody> {
    context.read(try Message(wireBytes: bytes(wire).span, orderedSet: set))
  }
}

/// Traps that decoders fall into.
@Suite struct ReadingTests {
  /// 5 V 3 A, 9 V 3 A, 15 V 3 A, 20 V 3.25 A, PPS 3.3-21 V 3 A, SPR AVS: vector C18.
  static let capabilities = "a1632c91012f2cd102002cb10400454106003c21a4c945b104e0"

  @Test func aRequestForPPSIsNotReadAsFixed() throws {
    var reader = Reader()
    try reader.read(Self.capabilities)
    // Position 5, 9.00 V, 3 A.
    let decoded = try reader.read("82103c840353")
    guard case .request(let body) = decoded.value, case .pps(let request) = body.request else {
      Issue.record("not a PPS request")
      return
    }
    #expect(request.outputVoltage == Millivolts(9_000))
    #expect(request.operatingCurrent == Milliamperes(3_000))
    #expect(decoded.diagnostics.isEmpty)
  }

  @Test func aRequestForAVSIsNotReadAsFixed() throws {
    var reader = Reader()
    try reader.read(Self.capabilities)
    // Position 6, 12.0 V, 3 A.
    let decoded = try reader.read("82103cc00363")
    guard case .request(let body) = decoded.value, case .avs(let request) = body.request else {
      Issue.record("not an AVS request")
      return
    }
    #expect(request.outputVoltage == Millivolts(12_000))
    #expect(request.operatingCurrent == Milliamperes(3_000))
    #expect(decoded.diagnostics.isEmpty)
  }

  @Test func theSameBitsAreFixedForAFixedObject() throws {
    var reader = Reader()
    try reader.read(Self.capabilities)
    let decoded = try reader.read("82102cb10423")
    guard case .request(let body) = decoded.value, case .fixedVariable(let request) = body.request else {
      Issue.record("not a fixed request")
      return
    }
    #expect(request.operatingCurrent == Milliamperes(3_000))
    #expect(body.selected?.rawValue == 0x0002_D12C)
  }

  @Test func aRequestWithoutCapabilitiesStaysUnresolved() throws {
    var reader = Reader()
    let decoded = try reader.read("82103c840353")
    guard case .request(let body) = decoded.value, case .unresolved = body.request else {
      Issue.record("resolved without capabilities")
      return
    }
    #expect(decoded.diagnostics.contains(.capabilitiesUnknown))
  }

  @Test(arguments: [
    ("82102cb10483", DiagnosticCode.positionNotOffered),  // position 8
    ("82102cb10403", .positionZero),
    ("8210f4d10723", .currentAboveOffer),  // 5 A of 3 A
    ("82103c0c0a53", .voltageOutsideOffer),  // 26 V from PPS
    ("82100a840353", .ppsCurrentBelow1A),  // 0.5 A
    ("82103cc20363", .avsVoltageOffGrid),  // 12.025 V
  ])
  func whatASourceWouldRejectIsNamed(wire: String, code: DiagnosticCode) throws {
    var reader = Reader()
    try reader.read(Self.capabilities)
    let decoded = try reader.read(wire)
    #expect(decoded.diagnostics.contains(code))
    #expect(code == .positionNotOffered || !decoded.diagnostics.contains(.positionNotOffered))
  }

  @Test func giveBackChangesTheLastField() throws {
    var reader = Reader()
    try reader.read("61212c9101082cd10200")
    let decoded = try reader.read("42102cc80028")
    guard case .request(let body) = decoded.value, case .fixedVariableGiveBack(let request) = body.request
    else {
      Issue.record("GiveBack not seen")
      return
    }
    #expect(request.minimumOperatingCurrent == Milliamperes(440))
  }

  @Test func chunksMakeOneMessage() throws {
    var reader = Reader()
    let first = try reader.read("b1fb20802c91812b2cd102002cc103002cb10400f44106006421a4c90000")
    guard case .chunk(0, next: 1) = first.value else {
      Issue.record("chunk 0 not seen")
      return
    }
    guard case .chunkRequest(1) = try reader.read("9194008c0000").value else {
      Issue.record("chunk request not seen")
      return
    }
    let second = try reader.read("b1ad20880000f4c10800")
    guard case .eprSourceCapabilities(let objects) = second.value else {
      Issue.record("capabilities not put together")
      return
    }
    #expect(objects.count == 8)
    #expect(objects.source(at: 7) == .empty)
    #expect(objects.source(at: 8)?.rawValue == 0x0008_C1F4)
    // The zero at position 7 is padding, nothing to complain about.
    #expect(second.diagnostics.isEmpty)
    #expect(reader.context.powerMode == .epr)
    let request = try reader.read("8926f4d14781f4c10800")
    guard case .eprRequest(let body) = request.value else {
      Issue.record("EPR_Request not read")
      return
    }
    #expect(body.selected?.rawValue == 0x0008_C1F4)
    #expect(request.diagnostics.isEmpty)
    #expect(try reader.read("8926f4d14781f4d10800").diagnostics.contains(.copyDiffers))
    #expect(try reader.read("82102cb10413").diagnostics.contains(.requestInEPRMode))
  }

  @Test func chunksOutOfOrderAreReported() throws {
    var reader = Reader()
    #expect(try reader.read("b1ad20880000f4c10800").diagnostics.contains(.unexpectedChunk))
    try reader.read("b1fb20802c91812b2cd102002cc103002cb10400f44106006421a4c90000")
    #expect(try reader.read("b1ad20900000f4c10800").diagnostics.contains(.unexpectedChunk))
    // The failed message is forgotten.
    #expect(try reader.read("b1ad20880000f4c10800").diagnostics.contains(.unexpectedChunk))
  }

  @Test func aRepeatedChunkDoesNoHarm() throws {
    var reader = Reader()
    let first = "b1fb20802c91812b2cd102002cc103002cb10400f44106006421a4c90000"
    try reader.read(first)
    try reader.read(first)
    guard case .eprSourceCapabilities(let objects) = try reader.read("b1ad20880000f4c10800").value else {
      Issue.record("capabilities not put together")
      return
    }
    #expect(objects.count == 8)
  }

  @Test func unchunkedMessagesNeedConsent() throws {
    var reader = Reader()
    try reader.read("a161f491810af4d10200f4c10300f4b10400f44106006432a4c9")
    try reader.read("8210f4d1c711")
    let decoded = try reader.read("90860200010000")
    #expect(decoded.diagnostics.contains(.unchunkedNotAgreed))
    guard case .extendedControl(let control) = decoded.value else {
      Issue.record("control not read")
      return
    }
    #expect(control.type == .eprGetSourceCap)
  }

  @Test(arguments: [
    ("a1532c9101082cd1", DiagnosticCode.objectsMissing),
    ("a1532c9101082cd1", .partialObject),
    ("6111969001363e61739c", .surplusBytes),
    ("a1212cd102002c910108", .firstObjectNotVSafe5V),
    ("a1332c9101082cc103002cd10200", .objectsOutOfOrder),
    ("a1332c9101082cd102002cd10200", .duplicateObject),
    ("a1232c9101082cd10208", .flagsOutsideFirstObject),
    ("a1232c91010800000000", .emptyObject),
    ("a1232c910108f4c10800", .eprObjectInSPRPosition),
    ("a1232c9101083c32dcf0", .reservedAugmentedType),
    ("a1232c9101083cdc16c0", .minimumAboveMaximum),
    ("b900", .reservedMessageType),
    ("e305", .reservedRevision),
    ("4a1000000001", .notInThisRevision),
    ("a205", .deprecatedMessage),
    ("b0d502800300", .objectsMissing),
    ("b0", .messageTooShort),
    ("b0952c810300", .dataSizeTooLarge),
    ("b09505800300", .dataMissing),
    ("839201800001", .paddingNotZero),
    ("aa1b00000009", .reservedCode),
    ("8f1007a000ff", .reservedVDMCommand),
    ("8f1001a01727", .wrongSVIDForCommand),
    ("8f2041a000ff5c31601c", .identityTooShort),
    ("a315000000f0", .reservedCode),
  ])
  func whatIsWrongIsNamed(wire: String, code: DiagnosticCode) throws {
    var reader = Reader()
    guard let decoded = try? reader.read(wire) else {
      #expect(code == .messageTooShort)
      return
    }
    #expect(decoded.diagnostics.contains(code), "\(decoded.diagnostics)")
  }

  @Test func identityObjectsAreReadByTheirPlace() throws {
    var reader = Reader()
    let cable = try reader.read("8f5141a000ff5c31601c9410000010030d0843460a45", .sopPrime)
    guard case .vendorDefined(let body) = cable.value, case .passiveCable(let word)? = body.vendorObject(3)
    else {
      Issue.record("no passive cable word")
      return
    }
    #expect(word.eprCapable)
    #expect(word.currentCapability == .amperes5)
    #expect(body.vendorObject(4) == nil)
    let old = try reader.read("4f51418000ff872e0018000000000000000050400800", .sopPrime)
    guard case .vendorDefined(let body) = old.value, case .legacyCable? = body.vendorObject(3) else {
      Issue.record("revision 2 word not read as such")
      return
    }
  }

  @Test func hardResetForgetsTheOffer() throws {
    var reader = Reader()
    try reader.read(Self.capabilities)
    reader.context.reset()
    #expect(try reader.read("82103c840353").diagnostics.contains(.capabilitiesUnknown))
  }
}
