// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// From where the views are looked at: from the archive's own place, or from an instant, or with somebody's eyes.
///
/// It says nothing of what the archive knew: views as the archive knew them at some record are other views, folded up to
/// there, and looked at from wherever one likes.
package struct Viewpoint: Hashable, Sendable {
    /// As it stood in the chat then; nil for now.
    package var moment: Moment?
    /// What this user could see; nil for all that is archived.
    package var viewer: UserID?

    /// All there is, as it is now.
    package static let archive = Viewpoint()

    package init(moment: Moment? = nil, viewer: UserID? = nil) {
        self.moment = moment
        self.viewer = viewer
    }

    /// An instant of the platform's clock, and what the archive had captured when its own clock showed the same.
    package struct Moment: Hashable, Sendable {
        package let instant: Instant
        /// Records below this sequence had been captured: facts whose time nobody told count by it.
        package let recordsEnd: UInt64

        package init(_ instant: Instant, recordsEnd: UInt64) {
            self.instant = instant
            self.recordsEnd = recordsEnd
        }

        /// The first instant after it, for ranges that leave their end out.
        package var end: Instant { Instant(microseconds: min(instant.microseconds, .max - 1) + 1) }

        func includes(_ fact: FactStamp) -> Bool {
            if let time = fact.time { time <= instant } else { fact.sequence < recordsEnd }
        }
    }
}

/// When something happened, who did it, and which record told.
package struct FactStamp: Hashable, Sendable {
    /// By the platform's clock; nil where no surface told.
    package var time: Instant?
    package var sequence: UInt64
    package var by: UserID?

    package init(time: Instant?, sequence: UInt64, by user: UserID? = nil) {
        self.time = time
        self.sequence = sequence
        by = user
    }
}
