import Threading

/// Counts from several threads.
final class SharedCounter: @unchecked Sendable {
  private let lock = ThreadLock()
  private var count = 0

  func increment() -> Int {
    lock.with {
      count += 1
      return count
    }
  }
}

/// One result for each thread.
final class SharedResults: @unchecked Sendable {
  private let lock = ThreadLock()
  private var results: [BatchResult]

  init(count: Int) { results = Array(repeating: BatchResult(), count: count) }

  func set(_ result: BatchResult, at index: Int) { lock.with { results[index] = result } }
  var all: [BatchResult] { lock.with { results } }
}
