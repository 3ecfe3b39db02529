import Glibc

/// A thread with room on its stack for deep values, to be waited for.
///
/// Runs take seconds without a pause; Swift's own pool is for work that gives way.
final class WorkThread {
  private var thread = pthread_t()
  private let isRunning: Bool

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// - Parameter name: what the thread is for; where no thread can be had, the work is done at once.
  init(name: String, _ body: @escaping @Sendable () -> Void) {
    let context = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
    let result = unsafe pthread_create(&thread, nil, WorkThread.start, context)
    isRunning = result == 0
    if !isRunning {
      unsafe Unmanaged<Body>.fromOpaque(context).release()
      body()
    }
  }

  func join() {
    if isRunning { pthread_join(thread, nil) }
  }

  private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    context in
    if let context = unsafe context { unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
    return nil
  }
}

/// A lock on pthread's: what it guards is visible to the thread sanitizer.
@safe final class ThreadLock: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  func with<Value>(_ body: () -> Value) -> Value {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }
}

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
