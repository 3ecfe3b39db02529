import Glibc

/// A lock on pthread's: what it guards is visible to the thread sanitizer.
@safe public final class ThreadLock: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  public init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  public func with<Value>(_ body: () -> Value) -> Value {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }
}

/// Things that threads put down for one that waits for them.
public final class Mailbox<Item: Sendable>: @unchecked Sendable {
  private let condition: ThreadCondition
  private var items: [Item] = []
  private var isClosed = false
  /// More than this are not kept: a reader that stands still must not cost the memory of the machine.
  private let capacity: Int
  private var lost = 0

  public init(capacity: Int = 100_000) {
    self.capacity = capacity
    condition = ThreadCondition()
  }

  /// Puts items down and wakes who waits; what does not fit is counted and dropped.
  public func put(_ new: some Collection<Item>) {
    guard !new.isEmpty else { return }
    condition.with {
      let room = max(0, capacity - items.count)
      items.append(contentsOf: new.prefix(room))
      lost += max(0, new.count - room)
      condition.wake()
    }
  }

  /// Nothing will come any more.
  public func close() {
    condition.with {
      isClosed = true
      condition.wake()
    }
  }

  /// Takes all that lies there; waits for something until CLOCK_MONOTONIC says `deadline`.
  public func take(until deadline: Int64) -> (items: [Item], lost: Int, isClosed: Bool) {
    condition.with {
      while items.isEmpty, !isClosed, condition.wait(until: deadline) {}
      let taken = (items, lost, isClosed)
      items = []
      lost = 0
      return taken
    }
  }

  /// Takes all that lies there without waiting.
  public func takeNow() -> [Item] {
    condition.with {
      let taken = items
      items = []
      return taken
    }
  }
}

/// A lock with a signal, on CLOCK_MONOTONIC.
@safe private final class ThreadCondition: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe condition = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe condition.deallocate()
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  func with<Value>(_ body: () -> Value) -> Value {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }

  func wake() { unsafe pthread_cond_broadcast(condition) }

  /// Waits, with the lock held; `false` when the time is over.
  func wait(until deadline: Int64) -> Bool {
    let time = max(0, deadline)
    var end = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
    return unsafe pthread_cond_timedwait(condition, mutex, &end) == 0
  }
}
