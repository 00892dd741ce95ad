// SPDX-License-Identifier: Apache-2.0

/// Why fetching from the platform stops, or cannot begin.
package struct FetchError: Error, Hashable, CustomStringConvertible {
    /// The kind of failure: match on this, never on the text.
    package enum Code: Hashable, Sendable {
        /// The address, the app or a file of credentials cannot be used.
        case badSetting
        /// The platform does not believe the token, or what it was to be had for.
        case unauthorized
        /// No answer, again and again.
        case unreachable
        /// An answer of another form than is documented.
        case unexpected
        /// What was fetched could not be kept.
        case inputOutput
    }

    package let code: Code
    /// What is wrong, without any credential.
    package let what: String
    /// The next thing to do: one imperative sentence.
    package let remedy: String

    package init(_ code: Code, _ what: String, remedy: String) {
        self.code = code
        self.what = what
        self.remedy = remedy
    }

    package var description: String { what }
}
