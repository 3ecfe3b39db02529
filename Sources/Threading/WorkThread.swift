import Glibc

/// A thread with room on its stack for deep values, to be waited for.
///
/// Runs take seconds without a pause; Swift's own pool is for work that gives way.
public final class WorkThread {
  private var thread = pthread_t()
  private let isRunning: Bool

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// - Parameter name: what the thread is for; where no thread can be had, the work is done at once.
  public init(name: String, _ body: @escaping @Sendable () -> Void) {
    let context = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
    let result = unsafe pthread_create(&thread, nil, WorkThread.start, context)
    isRunning = result == 0
    if !isRunning {
      unsafe Unmanaged<Body>.fromOpaque(context).release()
      body()
    }
  }

  public func join() {
    if isRunning { pthread_join(thread, nil) }
  }

  private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    context in
    if let context = unsafe context { unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
    return nil
  }
}
