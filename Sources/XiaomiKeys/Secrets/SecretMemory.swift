import Glibc

/// Memory for secrets: pages of its own, kept out of swap where the system allows it, out of core dumps, and wiped
/// before they are given back.
@safe final class SecretMemory: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let start: UnsafeMutablePointer<UInt8>
  let count: Int
  /// Whether the pages stay out of swap. RLIMIT_MEMLOCK may forbid it, which is no reason to do without keys.
  let isLocked: Bool
  private let afterWiping: ((Span<UInt8>) -> Void)?

  /// - Parameters:
  ///   - byteCount: how much, all 0.
  ///   - afterWiping: sees the memory between its wiping and its end.
  /// - Returns: `nil` where there is no memory.
  init?(byteCount: Int, afterWiping: ((Span<UInt8>) -> Void)? = nil) {
    let count = max(1, byteCount)
    let pages = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let pages = unsafe pages, unsafe pages != MAP_FAILED else { return nil }
    isLocked = unsafe mlock(pages, count) == 0
    unsafe madvise(pages, count, MADV_DONTDUMP)
    unsafe start = pages.bindMemory(to: UInt8.self, capacity: count)
    self.count = count
    self.afterWiping = afterWiping
  }

  deinit {
    wipe()
    afterWiping.map(read)
    unsafe munmap(start, count)
  }

  /// Sets every byte to 0; the compiler cannot leave it out.
  func wipe() {
    unsafe explicit_bzero(start, count)
  }

  /// Lends the bytes.
  func read<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    unsafe body(UnsafeBufferPointer(start: start, count: count).span)
  }

  /// Lends the bytes for writing. Nobody may do so once other threads can see the object.
  func write(_ body: (inout MutableSpan<UInt8>) -> Void) {
    let bytes = unsafe UnsafeMutableBufferPointer(start: start, count: count)
    var span = unsafe bytes.mutableSpan
    body(&span)
  }

  /// Fills the memory from a descriptor, until its end or until no more fits.
  /// - Returns: how many bytes came; `nil` where reading failed, `errno` says why.
  func fill(from descriptor: Int32) -> Int? {
    var filled = 0
    while filled < count {
      let more = unsafe Glibc.read(descriptor, start.advanced(by: filled), count - filled)
      if more < 0, errno == EINTR { continue }
      guard more >= 0 else { return nil }
      if more == 0 { break }
      filled += more
    }
    return filled
  }

  var description: String { "<secret>" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }
}
