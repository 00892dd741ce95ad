// SPDX-License-Identifier: Apache-2.0

/// What opens the platform's REST API: it goes into requests and nowhere else, and prints as nothing.
package enum Credential: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// An app token.
    case token(String)
    /// What an app token is had for: the app's own credentials in the platform's console.
    case client(id: String, secret: String)

    package var description: String { "[credential]" }
    package var debugDescription: String { description }
}
