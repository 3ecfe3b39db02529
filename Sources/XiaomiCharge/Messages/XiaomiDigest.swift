public import PowerDelivery

/// The number by which a charger names its model: the low half of its Product VDO (Xiaomi 2.2). The upper half of the 32
/// bits is 0 in every device that is known.
public struct XiaomiAdapterID: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// What a Product VDO, or whatever object a phone takes for it, says.
  @inlinable public init(_ product: ProductVDO) { rawValue = product.rawValue & 0xFFFF }
}

/// What a digest is asked for. Whoever drives the machine has the keys and the hash function; the core has neither.
public struct XiaomiDigestQuestion: Hashable, Sendable {
  /// Names the key.
  public var seed: XiaomiOctets
  public var challenge: XiaomiOctets
  public var adapterID: XiaomiAdapterID

  public init(seed: XiaomiOctets, challenge: XiaomiOctets, adapterID: XiaomiAdapterID) {
    self.seed = seed
    self.challenge = challenge
    self.adapterID = adapterID
  }

  /// How many bytes the keyed hash goes over: the challenge, then the adapter id, highest byte first (Xiaomi 4.2).
  public static var messageLength: Int { 20 }

  /// Byte `index` of what the keyed hash goes over; 0 past the end.
  public func messageByte(_ index: Int) -> UInt8 {
    guard index >= 16, index < XiaomiDigestQuestion.messageLength else { return challenge[index] }
    return UInt8(truncatingIfNeeded: adapterID.rawValue &>> UInt32(truncatingIfNeeded: 8 &* (19 &- index)))
  }
}

/// A digest of 32 bytes: HMAC-SHA-256 as far as is known (Xiaomi 4.2, not verified against traffic).
public struct XiaomiDigest: Hashable, Sendable {
  /// Bytes 0 to 15, by which the charger proves itself.
  public var chargerProof: XiaomiOctets
  /// Bytes 16 to 31, by which the phone proves itself.
  public var phoneProof: XiaomiOctets

  public init(chargerProof: XiaomiOctets, phoneProof: XiaomiOctets) {
    self.chargerProof = chargerProof
    self.phoneProof = phoneProof
  }

  /// Reads 32 bytes; `nil` for any other number of them.
  public init?(_ bytes: Span<UInt8>) {
    guard bytes.count == 32, let charger = XiaomiOctets(bytes), let phone = XiaomiOctets(bytes, at: 16) else {
      return nil
    }
    self.init(chargerProof: charger, phoneProof: phone)
  }
}
