import PowerDelivery
import Quantities

/// One typed accessor of a word or block, as numbers: what a property test compares with plain bit extraction.
struct FieldAccessor<Raw: Sendable>: Sendable, CustomStringConvertible {
  let structure: String
  let field: String
  /// From bit 0 of the structure; in a block byte × 8 + bit.
  let firstBit: Int
  let width: Int
  /// Value = code × scale + offset.
  let scale: Int64
  let offset: Int64
  /// The code of values above the range: the largest one without a meaning of its own.
  let saturatedCode: UInt32
  /// The bytes that a block needs for the field to exist; 0 for a word.
  let minimumBytes: Int
  /// The structure with all fields 0 and the constant bits as they must be.
  let blank: Raw
  /// The value that the accessor gives: a quantity in its unit, a number, 0 or 1, or a code.
  let get: @Sendable (Raw) -> Int64
  /// The bits after the accessor has been set.
  let set: @Sendable (Raw, Int64) -> Raw

  var description: String { "\(structure).\(field)" }
}

/// What the generated types over 16 or 32 bits have in common.
protocol WordView: Sendable {
  associatedtype RawValue: FixedWidthInteger & UnsignedInteger & Sendable
  init()
  init(rawValue: RawValue)
  var rawValue: RawValue { get }
}

/// What the generated types over a block of bytes have in common.
protocol BlockView: Sendable {
  init()
  init(bytes: Span<UInt8>)
  var count: Int { get }
  func byte(at index: Int) -> UInt8
}

extension BlockView {
  var allBytes: [UInt8] { (0..<count).map { byte(at: $0) } }
}

/// What a property of a view can be, as a number.
protocol FieldValue: Sendable {
  init(number: Int64)
  var number: Int64 { get }
}

extension Bool: FieldValue {
  init(number: Int64) { self = number != 0 }
  var number: Int64 { self ? 1 : 0 }
}

extension FieldValue where Self: FixedWidthInteger {
  init(number: Int64) { self.init(clamping: number) }
  var number: Int64 { Int64(clamping: self) }
}

extension UInt8: FieldValue {}
extension UInt16: FieldValue {}
extension UInt32: FieldValue {}

extension FieldValue where Self: Quantity {
  init(number: Int64) { self.init(rawValue: RawValue(clamping: number)) }
  var number: Int64 { Int64(clamping: rawValue) }
}

extension Millivolts: FieldValue {}
extension Milliamperes: FieldValue {}
extension Milliwatts: FieldValue {}
extension MilliwattHours: FieldValue {}
extension Milliohms: FieldValue {}
extension DegreesCelsius: FieldValue {}
extension Percent: FieldValue {}
extension Milliseconds: FieldValue {}
extension Microseconds: FieldValue {}
extension Nanoseconds: FieldValue {}
extension MilliamperesPerMicrosecond: FieldValue {}

/// An enumeration of the standard: a struct over its code.
protocol CodeValue: FieldValue {
  associatedtype RawValue: FixedWidthInteger & Sendable
  init(rawValue: RawValue)
  var rawValue: RawValue { get }
}

extension CodeValue {
  init(number: Int64) { self.init(rawValue: RawValue(clamping: number)) }
  var number: Int64 { Int64(clamping: rawValue) }
}

extension FieldAccessor<UInt32> {
  init<View: WordView, Value: FieldValue>(
    _ structure: String, _ field: String, _ firstBit: Int, _ width: Int, scale: Int64 = 1, offset: Int64 = 0,
    saturated: UInt32, _ path: any WritableKeyPath<View, Value> & Sendable
  ) {
    self.init(
      structure: structure, field: field, firstBit: firstBit, width: width, scale: scale, offset: offset,
      saturatedCode: saturated, minimumBytes: 0, blank: UInt32(truncatingIfNeeded: View().rawValue),
      get: { View(rawValue: View.RawValue(truncatingIfNeeded: $0))[keyPath: path].number },
      set: { word, number in
        var view = View(rawValue: View.RawValue(truncatingIfNeeded: word))
        view[keyPath: path] = Value(number: number)
        return UInt32(truncatingIfNeeded: view.rawValue)
      })
  }
}

extension FieldAccessor<[UInt8]> {
  init<View: BlockView, Value: FieldValue>(
    _ structure: String, _ field: String, _ firstBit: Int, _ width: Int, scale: Int64 = 1, offset: Int64 = 0,
    saturated: UInt32, minimumBytes: Int, _ path: any WritableKeyPath<View, Value> & Sendable
  ) {
    self.init(
      structure: structure, field: field, firstBit: firstBit, width: width, scale: scale, offset: offset,
      saturatedCode: saturated, minimumBytes: minimumBytes, blank: View().allBytes,
      get: { View(bytes: $0.span)[keyPath: path].number },
      set: { bytes, number in
        var view = View(bytes: bytes.span)
        view[keyPath: path] = Value(number: number)
        return view.allBytes
      })
  }
}
