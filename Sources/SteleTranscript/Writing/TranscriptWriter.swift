// SPDX-License-Identifier: Apache-2.0

/// Writes transcripts in one format: preamble, conversations, entries, postamble.
///
/// The caller streams; a writer keeps no more than it needs for the page it is on. Calls come in this order:
///
/// ```
/// begin(header)
///   begin(conversation)   write(entry) write(entry) …   end(conversation)      once for each conversation
/// finish()
/// ```
///
/// Nothing appears under its final name before `finish` (or, for a page of many, before the page is whole). A writer
/// that is dropped earlier leaves nothing behind. The same calls with the same options write the same bytes.
public protocol TranscriptWriter {
    /// Starts the document.
    mutating func begin(_ header: TranscriptHeader) throws
    /// Starts a conversation: one of the header's, in the header's order.
    mutating func begin(_ conversation: ConversationSummary) throws
    /// Writes what comes next in the conversation begun last.
    mutating func write(_ entry: TranscriptEntry) throws
    /// Ends the conversation begun last.
    mutating func end(_ conversation: ConversationSummary) throws
    /// Makes the output durable and visible, and says what was written: the file to open first comes first.
    mutating func finish() throws -> [WrittenFile]
}
