/// A reader that is asked for one record after the other.
protocol RecordSource {
  /// The next record; `nil` at the end.
  /// - Throws: the fault that ends the reading, after every record in front of it was given.
  mutating func next() throws(TraceFault) -> TraceRecord?
}

/// Makes a `TraceReader` of any `RecordSource`.
struct SourceReader<Source: RecordSource>: TraceReader {
  var source: Source

  mutating func read(_ body: (TraceRecord) throws -> Void) rethrows -> TraceFault? {
    while true {
      let record: TraceRecord?
      do throws(TraceFault) {
        record = try source.next()
      } catch {
        return error
      }
      guard let record else { return nil }
      try body(record)
    }
  }
}

/// Records that are ready, oldest first, and what comes behind them.
struct RecordQueue {
  private var records: [TraceRecord] = []
  private var first = 0

  mutating func append(_ record: TraceRecord) { records.append(record) }

  mutating func popFirst() -> TraceRecord? {
    guard first < records.count else {
      records.removeAll(keepingCapacity: true)
      first = 0
      return nil
    }
    first += 1
    return records[first - 1]
  }
}
