// SPDX-License-Identifier: Apache-2.0

/// Why a line of the log is not a record.
public struct RecordError: Error, Hashable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        /// The line is not JSON, or not an object.
        case notAnObject
        /// A member every record has is absent.
        case missing
        /// A member has a value this program cannot read: a damaged line, or a newer program's.
        case invalid
    }

    public let code: Code
    /// The member concerned, or why the line is not JSON.
    public let what: String

    public var description: String {
        switch code {
        case .notAnObject: "not a record: \(what)"
        case .missing: "not a record: '\(what)' is missing"
        case .invalid: "not a record this program can read: '\(what)' has an unknown value"
        }
    }
}
