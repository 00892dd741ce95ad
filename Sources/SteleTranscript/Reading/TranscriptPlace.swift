// SPDX-License-Identifier: Apache-2.0

import SteleProjection

/// A conversation, and how it looks from where a reader stands.
struct TranscriptPlace: Sendable {
    let conversation: ConversationEntry
    /// Nil from the archive's own place, where everything is seen.
    let outlook: Outlook?
}
