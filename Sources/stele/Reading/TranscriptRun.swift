// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// One pass over conversations into a writer: the one loop behind every command that shows or exports messages.
struct TranscriptRun {
    let reader: TranscriptReader
    let header: TranscriptHeader

    /// Writes everything in the header's conversations and range.
    ///
    /// `progress` is told how many messages were written so far, after each.
    func write(
        into writer: inout any TranscriptWriter, progress: (UInt64) -> Void = { _ in }
    ) throws -> [WrittenFile] {
        var count: UInt64 = 0
        try writer.begin(header)
        for conversation in header.conversations {
            try writer.begin(conversation)
            var cursor = try reader.cursor(conversation, from: header.from, to: header.to)
            while let entry = try cursor.next() {
                try writer.write(entry)
                if case .message = entry {
                    count += 1
                    progress(count)
                }
            }
            try writer.end(conversation)
        }
        return try writer.finish()
    }
}
