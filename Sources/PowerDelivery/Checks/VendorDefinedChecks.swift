// What a vendor defined message can have wrong (USB-PD R3.2 §6.4.4).

extension VendorDefinedBody {
  func check(_ diagnostics: inout Diagnostics) {
    guard case .structured(let header) = header else { return }
    diagnostics.checkReserved(header.unexpectedBits, object: 0)
    if header.command.name == nil && header.command.rawValue < 16 {
      diagnostics.append(
        .reservedVDMCommand, firstBit: 16, bitCount: 5, value: UInt32(header.command.rawValue))
    }
    let isDiscovery = header.command == .discoverIdentity || header.command == .discoverSVIDs
    if isDiscovery && header.svid != 0xFF00 {
      diagnostics.append(.wrongSVIDForCommand, firstBit: 32, bitCount: 16, value: UInt32(header.svid))
    }
    guard header.commandType == .acknowledge else { return }
    if header.command == .discoverIdentity && objectCount < 3 {
      diagnostics.append(.identityTooShort, value: UInt32(truncatingIfNeeded: objectCount))
    }
    if header.command == .discoverSVIDs, let last = object(objectCount &- 1), last & 0xFFFF != 0 {
      diagnostics.append(.svidListNotEnded, firstBit: 16 &+ 32 &* objectCount, bitCount: 32, value: last)
    }
  }
}
