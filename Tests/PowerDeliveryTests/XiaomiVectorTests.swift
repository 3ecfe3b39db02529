import TestSupport
import Testing

/// The fields that `spec/vectors/xiaomi.json` claims, against the generated types.
@Suite struct XiaomiVectorTests {
  struct Vector: Decodable, Sendable, CustomStringConvertible {
    let id: String
    let objects: [String]?
    let fields: [FieldClaim]
    var description: String { id }
  }

  @Test func fields() throws {
    var faults: [String] = []
    var claims = 0
    for vector in try vectors("xiaomi", of: Vector.self) {
      for (index, object) in (vector.objects ?? []).enumerated() {
        let own = vector.fields.filter { $0.index == index }
        guard let name = own.first?.structure, let word = UInt32(object, radix: 16) else { continue }
        claims += own.count
        faults += ClaimedStructure(name: name, raw: .word(word), claims: own).faults
      }
    }
    #expect(faults == [])
    #expect(claims == 169)
  }
}
