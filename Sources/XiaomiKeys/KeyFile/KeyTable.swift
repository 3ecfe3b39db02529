import Crypto
public import XiaomiCharge

/// Keys by their seeds, in locked memory.
///
/// A key stands there as the two blocks that HMAC (RFC 2104) begins its hashes with. The hash reads them where they
/// are, so no digest leaves a copy of a key behind; the `HMAC` of swift-crypto would leave some on the heap.
public final class KeyTable: XiaomiDigestProvider, @unchecked Sendable {
  // Written only before anybody else sees the table: that is what makes it fit for several threads.
  private let memory: SecretMemory
  private let capacity: Int
  /// How many keys there are, the one for any seed included.
  public private(set) var count = 0
  private var anySeed: Int?

  /// - Returns: `nil` where there is no memory.
  init?(capacity: Int) {
    guard let memory = SecretMemory(byteCount: capacity * Place.size) else { return nil }
    self.memory = memory
    self.capacity = capacity
  }

  /// Whether the keys stay out of swap.
  public var isLocked: Bool { memory.isLocked }

  public func digest(_ question: XiaomiDigestQuestion) -> XiaomiDigest? {
    guard let index = index(of: question.seed) ?? anySeed else { return nil }
    let place = Place(index)
    return memory.read { bytes in
      let message = (0..<XiaomiDigestQuestion.messageLength).map(question.messageByte)
      let inner = KeyTable.hash(bytes.extracting(place.inner), message)
      return XiaomiDigest(Array(KeyTable.hash(bytes.extracting(place.outer), inner)).span)
    }
  }

  /// Where the key of a seed stands, the one for any seed (`nil`) included; `nil` where there is none.
  func index(of seed: XiaomiOctets?) -> Int? {
    guard let seed else { return anySeed }
    return memory.read { bytes in
      (0..<count).first { $0 != anySeed && XiaomiOctets(bytes, at: Place($0).start) == seed }
    }
  }

  /// Adds a key while the table is being made.
  /// - Parameters:
  ///   - seed: `nil` for any.
  ///   - digits: the key, 64 hexadecimal digits.
  /// - Returns: whether there was room, and the digits were some.
  func add(seed: XiaomiOctets?, digits: Span<UInt8>) -> Bool {
    guard count < capacity, digits.count == 64 else { return false }
    let place = Place(count)
    var isWhole = true
    memory.write { bytes in
      for index in 0..<16 { bytes[place.start + index] = seed?[index] ?? 0 }
      for index in 0..<64 {
        let byte = index < 32 ? Hexadecimal.byte(digits, at: 2 * index) : 0
        isWhole = isWhole && byte != nil
        bytes[place.inner.lowerBound + index] = (byte ?? 0) ^ 0x36
        bytes[place.outer.lowerBound + index] = (byte ?? 0) ^ 0x5C
      }
    }
    guard isWhole else { return false }
    if seed == nil { anySeed = count }
    count += 1
    return true
  }

  private static func hash(_ block: Span<UInt8>, _ rest: some Sequence<UInt8>) -> SHA256Digest {
    var hash = SHA256()
    unsafe block.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    hash.update(data: Array(rest))
    return hash.finalize()
  }

  /// Where in the memory a key stands: its seed, then its two blocks of 64 bytes.
  private struct Place {
    static var size: Int { 16 + 64 + 64 }
    let start: Int
    init(_ index: Int) { start = index * Place.size }
    var inner: Range<Int> { start + 16..<start + 80 }
    var outer: Range<Int> { start + 80..<start + 144 }
  }
}

extension KeyTable: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "<key>" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
