import Trace

/// The conversation of each port, by its name.
struct PortConversations {
  private var conversations: [String: Conversation] = [:]

  /// Takes a record of a port; calls `emit` for every entry that is complete.
  mutating func add(_ record: TraceRecord, port: String, _ emit: (ConversationEntry) -> Void) {
    conversations[port, default: Conversation()].add(record, emit)
  }

  /// Hands out what was held back, port by port.
  mutating func finish(_ emit: (ConversationEntry) -> Void) {
    for port in conversations.keys.sorted() { conversations[port]?.finish(emit) }
    conversations = [:]
  }
}
