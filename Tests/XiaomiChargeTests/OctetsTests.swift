import TestSupport
import Testing
import XiaomiCharge

/// Sixteen bytes, the digest's question and the digest.
@Suite("Octets, question and digest") struct OctetsTests {
  @Test("Byte order: each object is the big-endian reading of four bytes") func byteOrder() {
    let octets = XiaomiOctets(bytes("09604EB9AD37E17BD6B2A4F2A3515984").span)
    #expect(octets == XiaomiOctets(0x0960_4EB9, 0xAD37_E17B, 0xD6B2_A4F2, 0xA351_5984))
    #expect((-1...16).map { octets?[$0] ?? 0 } == [0] + bytes("09604EB9AD37E17BD6B2A4F2A3515984") + [0])
  }

  @Test("Too few bytes or words are no octets") func tooFew() {
    #expect(XiaomiOctets([UInt8](repeating: 1, count: 15).span) == nil)
    #expect(XiaomiOctets([UInt8](repeating: 1, count: 31).span, at: 16) == nil)
    #expect(XiaomiOctets([1, 2].span, at: -1) == nil)
    #expect(XiaomiOctets(XiaomiWords(7)) == nil)
    #expect(XiaomiDigest([UInt8](repeating: 1, count: 31).span) == nil)
    #expect(XiaomiDigest([UInt8](repeating: 1, count: 33).span) == nil)
  }

  @Test("The comparison of proofs sees each of the 128 bits") func comparison() {
    let proof = XiaomiOctets(0x0123_4567, 0x89AB_CDEF, 0x1122_3344, 0x5566_7788)
    let differing = (0..<128).filter { bit in
      var other = proof
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      return !proof.matches(other) && !other.matches(proof)
    }
    #expect(differing.count == 128)
    #expect(proof.matches(proof))
  }
}
