/// The fields of one line of comma-separated text. Quoting is not needed: no field of these formats holds a comma.
struct CommaRow {
  let fields: [Substring]

  init(_ line: [UInt8]) {
    fields = String(decoding: line, as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false)
  }

  /// A field; empty where the row is shorter.
  subscript(_ index: Int) -> Substring { index < fields.count ? fields[index] : "" }
}
