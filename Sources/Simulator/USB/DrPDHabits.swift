public import Quantities

extension DrPDModel {
  /// What Dr. PDs do that a driver has to bear. Each number is that of the quirk:
  ///
  ///  1. Another Pico with the same identity (`isAnotherPico`).
  ///  2. The manufacturer in `*IDN?` is quoted (`quotesManufacturer`).
  ///  3. `BUS:CC:ROLE?` has six fields or one (`roleFields`).
  ///  4. `SINK:PDO?` ends with a comma (`endsObjectsWithComma`), `SINK:STATUS:PDO?` does not.
  ///  5. SPR_AVS has three numbers or four: the text of the object.
  ///  6. Thresholds are volts and amperes, whatever the manual says: always.
  ///  7. Result codes 4, 5 and event records: the records that it plays.
  ///  8. A Hard Reset record without data, 9. a Cable Reset as a timeout: the records that it plays.
  /// 10. The queue overwrites its oldest record without a sign (`queueCapacity`).
  /// 11. Errors of somebody else wait for the next request (`staleErrors`).
  /// 12. Such an error follows the answer with its tag, or takes its place (`errorFollowsAnswer`).
  /// 13. An answer is split at any byte (`pieceLength`); a zero-length packet ends one of a multiple of 64 bytes: always.
  /// 14. An answer to an old tag comes first (`lateAnswers`).
  /// 15. USBTMC fails without a word: that interface answers nothing here.
  /// 16. A start of all ones (`hidesStart`).
  /// 17. The first pulse is cut (`cutsFirstPulse`), 18. pulses are asymmetric (`skew`).
  /// 19. Writing to flash stops the decoder (`flashTime`).
  /// 20. Fault mode without the framed interface (`isInFaultMode`), the updater with the same identity (`isUpdater`).
  /// 21. Numbers are cut to two decimals: always.
  /// 22. `STAT:DEV?` clears the register: always.
  /// 23. The end is later than the pulses say (`endExcess`).
  /// 24. “Device busy” while USBTMC owns the interpreter (`busyRequests`).
  /// 25. A request of the wrong kind is an error; bytes without the magic cost the whole buffer: always.
  /// 26. An empty queue answers −200: always.
  /// 27. Newer firmware: outcome of requests, stored role, cable test (`isNewer`).
  public struct Habits: Sendable {
    public var isAnotherPico = false
    public var quotesManufacturer = true
    /// 1 or 6.
    public var roleFields = 6
    public var endsObjectsWithComma = true
    public var queueCapacity = 250
    /// Entries of the error queue: `-113,"Undefined header"`.
    public var staleErrors: [String] = []
    public var errorFollowsAnswer = true
    /// Bytes after which a transfer ends; `nil` for none but the end of a frame.
    public var pieceLength: Int?
    /// In front of every so many-th answer one to the tag before comes again; 0 for never.
    public var lateAnswers = 0
    public var hidesStart = false
    public var cutsFirstPulse = false
    public var skew = Nanoseconds.zero
    /// How long the decoder stands still while flash is written.
    public var flashTime = Microseconds(40_000)
    public var isInFaultMode = false
    public var isUpdater = false
    public var endExcess = Microseconds.zero
    /// So many requests are refused.
    public var busyRequests = 0
    public var isNewer = false
    /// How long an answer takes.
    public var answerTime = Microseconds(500)
    /// For so long after a request the sink still says that it is ready.
    public var sinkDelay = Microseconds.zero
    /// By how much its crystal is fast, in 10⁻⁶.
    public var drift: Int64 = 0

    public init() {}
  }

  /// How the charger at the device answers a request.
  public enum RequestOutcome: Sendable {
    case accepted, rejected, wait
    /// Nothing comes.
    case silence
    /// The sink falls into its error state.
    case error
    /// Another contract than that which was asked for.
    case otherContract
  }
}
