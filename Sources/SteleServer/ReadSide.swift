// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What the service asks of the views.
///
/// The command joins it to them; the service knows no database.
/// Answers are bytes in the words of the command's `--json`: JSON Lines for lists, one document for the status.
package struct ReadSide: Sendable {
    /// Gives the next lines of a list each time it is called, nil at the end.
    ///
    /// Called by one reader at a time.
    package typealias Pages = @Sendable () async throws -> [UInt8]?

    /// Every conversation of which something is seen.
    package var conversations: @Sendable (ViewpointQuery) async throws -> Pages
    /// A conversation's messages; nil when there is no such conversation.
    package var messages: @Sendable (MessagesQuery) async throws -> Pages?
    /// Messages that hold a text.
    package var search: @Sendable (SearchQuery) async throws -> Pages
    package var status: @Sendable () async throws -> [UInt8]
    /// What is missing.
    package var gaps: @Sendable (GapsQuery) async throws -> Pages = { _ in { nil } }

    package init(
        conversations: @escaping @Sendable (ViewpointQuery) async throws -> Pages,
        messages: @escaping @Sendable (MessagesQuery) async throws -> Pages?,
        search: @escaping @Sendable (SearchQuery) async throws -> Pages,
        status: @escaping @Sendable () async throws -> [UInt8]
    ) {
        self.conversations = conversations
        self.messages = messages
        self.search = search
        self.status = status
    }
}

/// Which messages of a conversation are asked for.
package struct MessagesQuery: Hashable, Sendable {
    /// As the list of conversations names it, with an App Key before it where there are several apps.
    package var conversation: String
    package var from: Instant?
    package var to: Instant?
    package var limit: Int?
    package var viewpoint = ViewpointQuery()
    /// Whether hidden messages are told of, with the reason.
    package var explains = false
}

/// From where the archive is looked at.
package struct ViewpointQuery: Hashable, Sendable {
    /// A time or a sequence, as given; nil for the present.
    package var asOf: String?
    /// The clock that it is a time of, as given.
    package var clock: String?
    /// Nil for all that is archived.
    package var asSeenBy: UserID?
}

/// Which gaps are asked for.
package struct GapsQuery: Hashable, Sendable {
    package var app: AppKey?
    package var from: Instant?
    package var to: Instant?
    package var wantsClosed: Bool
}

/// Which messages are searched, and for what.
package struct SearchQuery: Hashable, Sendable {
    package var text: String
    package var conversation: String?
    package var sender: UserID?
    package var from: Instant?
    package var to: Instant?
    package var limit: Int?
    package var viewpoint = ViewpointQuery()
}

/// Why a question cannot be answered.
package struct ReadRefusal: Error, Hashable {
    package enum Code: Hashable, Sendable { case misunderstood, notFound }

    package let code: Code
    /// What is wrong, as a fact.
    package let reason: String
    /// The next thing to do: one imperative sentence.
    package let remedy: String

    package init(_ code: Code, _ reason: String, remedy: String) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
    }
}
