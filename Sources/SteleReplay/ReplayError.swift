// SPDX-License-Identifier: Apache-2.0

/// Why a replay could not start or go on.
package struct ReplayError: Error, Hashable, CustomStringConvertible {
    /// The kind of failure: match on this, never on the text.
    package enum Code: Hashable, Sendable {
        /// The endpoint is not an `http` or `https` URL.
        case badEndpoint
        /// Not even the first request reached the endpoint.
        case unreachable
    }

    package let code: Code
    /// What was tried, and what came of it.
    package let what: String
    /// The next thing to do: one imperative sentence.
    package let remedy: String

    package var description: String { "\(what) \(remedy)" }
}
