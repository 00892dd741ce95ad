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

/// Finds messages by what they say, in one state of the views, from where its reader stands.
struct MessageSearch {
    static let defaultLimit = 100

    let reader: TranscriptReader

    /// The newest messages that hold all words of `text`, at most `limit`.
    ///
    /// From a viewpoint only what is seen from there is looked at: a message that is hidden, a content that was withheld and
    /// one that an edit brought too late are as if they were not.
    ///
    /// - Throws: `ConversationNameError` when there is no such conversation.
    func messages(
        _ text: String, conversation: String?, sender: UserID?, from: Instant?, to: Instant?, limit: Int
    ) throws -> [FoundMessage] {
        let place = try conversation.map { try reader.conversation(named: $0) }
        var asked = limit
        while true {
            let request = try reader.snapshot.read { views in
                SearchRequest(
                    text, conversation: try place.flatMap { try views.conversation($0.id, app: $0.app) },
                    sender: sender, from: from, to: reader.end(to), limit: asked)
            }
            let (found, isAll) = try messages(request)
            if isAll || found.count >= limit { return Array(found.prefix(limit)) }
            // Most of them were hidden: there may be as many behind them.
            asked *= 4
        }
    }

    private func messages(_ request: SearchRequest) throws -> (found: [FoundMessage], isAll: Bool) {
        let hits = try reader.snapshot.read { views in
            try views.search(request).map { hit in (hit, try views.conversation(of: hit.message)?.name) }
        }
        let found = try hits.flatMap { hit, name in
            try reader.messages(withID: hit.message.id).filter { $0.app == hit.message.app }
                .compactMap { message -> FoundMessage? in
                    let name = name ?? message.conversation.description
                    guard reader.viewpoint != .archive else {
                        return FoundMessage(
                            message: message, name: name, snippet: hit.snippet, isInEdit: hit.isInEdit)
                    }
                    // The index knows contents that are not seen from here: what is seen must have the words.
                    return message.versions.reversed().lazy.compactMap { version in
                        request.snippet(of: version.body).map {
                            FoundMessage(message: message, name: name, snippet: $0, isInEdit: version.isEdit)
                        }
                    }.first
                }
        }
        return (found, hits.count < request.limit)
    }
}
