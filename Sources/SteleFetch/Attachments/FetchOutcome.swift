// SPDX-License-Identifier: Apache-2.0

/// What a try to get a file came to, in the words of the record that keeps it.
package enum FetchOutcome: String, Hashable, Sendable, CaseIterable {
    case stored
    /// The platform no longer has it (404 `file_expired`, 410).
    case expired
    /// 401 or 403: the secret does not open it.
    case forbidden
    /// Larger than the limit; told before or while it came.
    case tooBig = "too big"
    /// All of it came, and it is not what the message says: another length, or no bundle where one should be.
    case mismatch
    /// Its content type is not among those asked for.
    case typeRefused = "type refused"
    case notFound = "not found"
    /// The address leads to a host that is not to be asked: not among those named, or in a private network.
    case hostRefused = "host refused"
    /// The server answered something else that another try will not change.
    case refused
    /// No answer, or one that says "later".
    case unreachable
    /// The answer began and did not end.
    case interrupted

    /// Whether another try may come to something else.
    package var mayPass: Bool { self == .unreachable || self == .interrupted }
}
