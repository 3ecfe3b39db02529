import Foundation
public import LineCode

// The vectors of `spec/vectors`, as `spec/vectors/README.md` describes them.

/// One file of vectors.
private struct VectorFile<Vector: Decodable>: Decodable {
  let vectors: [Vector]
}

/// Reads the vectors of a file, by its name without ending.
/// - Throws: what reading the file or its JSON throws.
public func vectors<Vector: Decodable>(_ name: String, of type: Vector.Type) throws -> [Vector] {
  let data = try Data(contentsOf: ProjectFiles.url("spec/vectors/\(name).json"))
  return try JSONDecoder().decode(VectorFile<Vector>.self, from: data).vectors
}

/// One value of one structure that a vector claims.
public struct FieldClaim: Decodable, Sendable {
  /// The Swift name of the structure; `nil` in a vector of a single object, which names it once.
  public let structure: String?
  /// The place of the object, counted from 0; `nil` in a vector of a single object.
  public let index: Int?
  public let field: String
  public let value: Value
  public let unit: String?

  public enum Value: Sendable, Equatable {
    case number(Int64)
    /// Text, or data in hexadecimal.
    case text(String)
  }

  private enum Key: String, CodingKey { case structure, index, field, value, unit }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    structure = try container.decodeIfPresent(String.self, forKey: .structure)
    index = try container.decodeIfPresent(Int.self, forKey: .index)
    field = try container.decode(String.self, forKey: .field)
    unit = try container.decodeIfPresent(String.self, forKey: .unit)
    if let flag = try? container.decode(Bool.self, forKey: .value) {
      value = .number(flag ? 1 : 0)
    } else if let number = try? container.decode(Int64.self, forKey: .value) {
      value = .number(number)
    } else {
      value = .text(try container.decode(String.self, forKey: .value))
    }
  }
}

/// A message (R, U, C, E).
public struct MessageVector: Decodable, Sendable, CustomStringConvertible {
  public let id: String
  public let sop: String
  public let bytes: String
  public let crc: String
  public let message: String
  public let context: [String]
  public let header: Header
  public let objects: [String]?
  public let dataBlock: String?
  public let fields: [FieldClaim]

  public struct Header: Decodable, Sendable {
    public let revision: String
    public let messageID: UInt8
    public let powerRole: String?
    public let dataRole: String?
    public let cablePlug: Bool?
  }

  public var description: String { id }
  public var wire: [UInt8] { TestSupport.bytes(bytes) }
  public var words: [UInt32] { (objects ?? []).compactMap { UInt32($0, radix: 16) } }
  public var data: [UInt8]? { dataBlock.map { TestSupport.bytes($0) } }
  public var orderedSet: OrderedSet { OrderedSet(label: sop) }

  /// The files that hold messages.
  public static let files = ["usb-pd-captured", "usb-pd-projects", "usb-pd-constructed", "usb-pd-cables"]
  /// Every message of every file.
  public static let all: [MessageVector] = files.flatMap { (try? vectors($0, of: MessageVector.self)) ?? [] }
  public static let byID = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
}

/// A 32-bit word (O).
public struct ObjectVector: Decodable, Sendable, CustomStringConvertible {
  public let id: String
  public let structure: String
  public let word: String
  public let bytes: String
  public let fields: [FieldClaim]

  public var description: String { id }
}

/// Messages that belong together (S).
public struct SequenceVector: Decodable, Sendable, CustomStringConvertible {
  public let id: String
  public let messages: [Part]
  public let reassembled: String?

  public struct Part: Decodable, Sendable {
    public let sop: String
    public let bytes: String
    public let crc: String
    public let message: String
  }

  public var description: String { id }
}

/// A message with its CRC (Z).
public struct CRCVector: Decodable, Sendable, CustomStringConvertible {
  public let id: String
  /// `nil` where the bytes are no message.
  public let sop: String?
  public let bytes: String
  public let crc: String
  public let crcValue: String
  public let wireBits: String?

  public var description: String { id }
}

/// An ordered set as received (Q).
public struct SignalVector: Decodable, Sendable, CustomStringConvertible {
  public let id: String
  public let signal: String?
  public let symbols: [String]
  public let wireBits: String
  public let accept: String

  public var description: String { id }
}

extension OrderedSet {
  /// The kind of packet with the label that the vectors use; SOP for every other text.
  public init(label: String) {
    switch label {
    case "SOP′": self = .sopPrime
    case "SOP″": self = .sopDoublePrime
    default: self = .sop
    }
  }
}
