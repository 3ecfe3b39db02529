/// What a misspelt word was meant to be.
enum Spelling {
  /// The word of the fewest changed, missing, added or swapped letters; `nil` where none is near.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    guard word.count <= 40 else { return nil }
    let lower = Array(word.lowercased())
    let rated = candidates.map { ($0, distance(lower, Array($0.lowercased()))) }
    guard let best = rated.min(by: { $0.1 < $1.1 }), best.1 <= max(1, lower.count / 3) else { return nil }
    return best.0
  }

  /// Optimal string alignment distance.
  static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        var cost = min(
          current[column] + 1, last[column + 1] + 1, last[column] + (left[row] == right[column] ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
