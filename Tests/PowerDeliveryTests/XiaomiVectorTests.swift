import Foundation
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

  struct File: Decodable {
    let objects: [ObjectVector]
  }

  @Test func objects() throws {
    let data = try Data(contentsOf: ProjectFiles.url("spec/vectors/xiaomi.json"))
    let objects = try JSONDecoder().decode(File.self, from: data).objects
    let faults = objects.flatMap { vector -> [String] in
      let word = UInt32(vector.word, radix: 16) ?? 0
      let structure = ClaimedStructure(name: vector.structure, raw: .word(word), claims: vector.fields)
      return structure.isWhole ? structure.faults : ["\(vector.id) is made otherwise"]
    }
    #expect(faults == [])
    #expect(objects.count == 9)
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
