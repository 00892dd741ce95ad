// SPDX-License-Identifier: Apache-2.0

/// Why the views could not be read or brought up to date.
package struct ViewsError: Error, Hashable, CustomStringConvertible {
    /// The kind of failure: match on this, never on the text.
    package enum Code: Hashable, Sendable {
        /// Another process is folding the log into these views.
        case lockedByAnotherProcess
        /// The views were made by another version of Stele, and this access may not rebuild them.
        case otherVersion
        /// No conversation has this name.
        case noSuchConversation
        /// The views' file could not be made, replaced or opened.
        case inputOutput
    }

    package let code: Code
    /// The file, or the name that was asked for.
    package let subject: String
    /// What is wrong, as a fact.
    package let what: String
    /// The next thing to do: one imperative sentence.
    package let remedy: String

    package init(_ code: Code, subject: String, what: String, remedy: String) {
        self.code = code
        self.subject = subject
        self.what = what
        self.remedy = remedy
    }

    package var description: String { "\(subject): \(what)" }
}
