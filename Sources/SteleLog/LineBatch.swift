// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Records on their way into the log: the members of each line that follow `at`, in one flat buffer.
///
/// ```
/// {"seq":41,"at":"2026-11-23T02:40:00.123456Z","via":"callback","flow":"none","event":{…}}
///  └── the log writes these ────────────────┘ └── one appended entry: no braces ────────┘
/// ```
package struct LineBatch: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each entry ends in `bytes`.
    private(set) var ends: [Int] = []

    package init() {}

    /// Entries appended so far.
    package var count: Int { ends.count }
    /// Size of all entries together, in bytes.
    package var byteCount: Int { bytes.count }
    package var isEmpty: Bool { ends.isEmpty }

    /// Adds one record.
    ///
    /// - Parameter write: Appends the line's members after `at`, without braces: at least one member, and no
    ///   line feed, which would end the line. Either is a mistake of the caller and stops the program.
    package mutating func append(_ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        precondition(bytes.count > start, "A record needs at least one member.")
        let hasLineFeed = bytes[start...].withUnsafeBytes { entry in
            entry.baseAddress.map { memchr($0, Int32(UInt8(ascii: "\n")), entry.count) != nil } ?? false
        }
        precondition(!hasLineFeed, "A record stands on one line.")
        ends.append(bytes.count)
    }

    /// Reserves room for `byteCount` bytes in `count` entries.
    package mutating func reserveCapacity(byteCount: Int, count: Int) {
        bytes.reserveCapacity(byteCount)
        ends.reserveCapacity(count)
    }
}
