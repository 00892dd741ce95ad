// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// Something that the archive should have and perhaps has not, with what says so.
package struct Gap: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Messages of which something else was told, while the callbacks round them came and theirs did not.
        case missedCallback = "missed-callback"
        /// Callbacks stopped for a while: the rule was suspended, or the listener could not be reached.
        case suspension
        /// A pre-send callback that nothing followed: neither the message nor a word of its refusal.
        case unresolvedAttempt = "unresolved-attempt"
        /// Messages of which something was told where no callback could be expected: before the first one, or where
        /// there are none at all.
        case unseenMessage = "unseen-message"
        /// Hours whose history files were not taken in, while the platform still keeps them.
        case historyHour = "history-hour"
        /// Attachments that nobody fetched, while the platform still keeps them.
        case attachment
    }

    /// What closed a gap.
    package enum Closing: Hashable, Sendable {
        /// A history line shows every message of it.
        case shown
        /// The history file of every hour it touches was taken in whole.
        case hours
        /// No record says that the hours' files were taken in whole, but history lines show every message of these hours
        /// that a callback showed.
        case agreement

        package var name: String {
            switch self {
            case .shown: "history lines"
            case .hours: "history files"
            case .agreement: "history lines that agree with the callbacks"
            }
        }
    }

    /// How many items of a gap one kind of evidence tells of.
    package struct Evidence: Hashable, Sendable {
        package var source: String
        package var count: Int
    }

    package var kind: Kind
    package var app: AppKey?
    /// The messages' own time, or the signs of life on both sides of a silence.
    ///
    /// `to` is nil where nothing came after it.
    package var from: Instant
    package var to: Instant?
    /// Messages known to be concerned, attempts, hours or messages with attachments; 0 for a silence alone.
    package var count: Int
    /// Of these, how many still lack what would close them.
    package var open: Int
    package var evidence: [Evidence] = []
    /// The first messages concerned, at most as many as were asked for.
    package var messages: [MessageID] = []
    /// Of a suspension: seconds of silence, and how many of that length an hour of this traffic has by chance.
    package var silentSeconds: Int64?
    package var expected: Double?
    /// What to ask the platform for, in order.
    package var ask: [AskKey] = []
    /// Until when the platform keeps all of it, by default.
    package var keptUntil: Instant?
    /// Nil while it is open.
    package var closing: Closing?

    package var isOpen: Bool { closing == nil }
}

/// What the platform is to be asked for.
package enum AskKey: Hashable, Sendable {
    /// An hour's history file: `GET /{org}/{app}/chatmessages/{hour}`. `zone` in minutes east of Greenwich, nil when it
    /// is not known by which clock the platform names this app's hours.
    case history(HourKey, zone: Int?)
    /// Callbacks that failed, where the app keeps them (回调异常存储): `POST /{org}/{app}/callbacks/storage/retry` with this
    /// ten-minute key as `date`.
    case storedCallbacks(String)
}
