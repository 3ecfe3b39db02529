/// Where something was found wrong: a file of `spec/`, a line in it, and what is described there.
struct Place: Equatable {
  var file: String
  var line: Int
  /// `FixedSupplySourcePDO.voltage`, or empty for the file as a whole.
  var subject: String

  func inside(_ name: String, line: Int) -> Place {
    Place(file: file, line: line, subject: subject.isEmpty ? name : "\(subject).\(name)")
  }
}

/// Everything that is wrong with the specification. All of it is collected, so that one run shows all.
final class Problems {
  private(set) var list: [String] = []

  func report(_ text: String, at place: Place) {
    let subject = place.subject.isEmpty ? "" : "\(place.subject): "
    list.append("\(place.file):\(place.line): \(subject)\(text)")
  }
}
