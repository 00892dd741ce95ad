// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleLog
import SteleProjection
import SteleTranscript

/// A message that was found, with the name its conversation is printed by and the place of the words in it.
struct FoundMessage {
    let message: TranscriptMessage
    let name: String
    let snippet: SearchSnippet
    let isInEdit: Bool
}

/// Finds messages by what they say, in one state of the views.
struct MessageSearch {
    static let defaultLimit = 100

    let snapshot: ViewsSnapshot
    let archive: Archive

    /// The newest messages that hold all words of `text`, at most `limit`.
    ///
    /// - Throws: `ConversationNameError` when there is no such conversation.
    func messages(
        _ text: String, conversation: String?, sender: UserID?, from: Instant?, to: Instant?, limit: Int
    ) throws -> [FoundMessage] {
        let reader = TranscriptReader(snapshot, archive: archive)
        let place = try conversation.map { try reader.conversation(named: $0) }
        let hits = try snapshot.read { views in
            let request = SearchRequest(
                text, conversation: try place.flatMap { try views.conversation($0.id, app: $0.app) }, sender: sender,
                from: from, to: to, limit: limit)
            return try views.search(request).map { hit in (hit, try views.conversation(of: hit.message)?.name) }
        }
        return try hits.flatMap { hit, name in
            try reader.messages(withID: hit.message.id).filter { $0.app == hit.message.app }.map { message in
                FoundMessage(
                    message: message, name: name ?? message.conversation.description, snippet: hit.snippet,
                    isInEdit: hit.isInEdit)
            }
        }
    }
}
