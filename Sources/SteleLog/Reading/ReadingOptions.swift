// SPDX-License-Identifier: Apache-2.0

/// What a reader takes on.
package struct ReadingOptions: Sendable {
    /// Uncompressed bytes of one commit after which its member counts as damaged.
    ///
    /// A commit is held in memory until its sum has been checked, and a megabyte that was put into a member can
    /// claim to hold a gigabyte of one. The default is the largest commit that a writer makes, so that nothing good
    /// is refused, and a reader stays small whatever it comes upon.
    package var commitByteLimit = largestCommit

    package init() {}

    /// Bytes of the lines of the largest commit that a writer makes.
    ///
    /// A payload has at most 16 MiB, which may double on its way into a line; the rest of the commit it comes in has
    /// room beside it.
    package static let largestCommit = 64 * 1024 * 1024

    /// Bytes of the largest batch that a writer takes in, lines' beginnings included: batches that wait may be before
    /// it in its commit.
    package static let largestBatch = 48 * 1024 * 1024
}
