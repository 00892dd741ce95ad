// SPDX-License-Identifier: Apache-2.0

/// What a repair put back, and what it did not.
package struct RepairReport: Sendable {
    /// In the order it was done.
    package var repaired: [Repair] = []
    package var refused: [Refusal] = []

    /// Something that is as it should be again.
    package struct Repair: Hashable, Sendable {
        /// Path within the archive.
        package let file: String
        /// The first record concerned; nil where none is.
        package var sequence: UInt64?
        /// Records put back; 0 where they were all there.
        package var records = 0
        /// What was done, as a fact.
        package let what: String
        /// Where in the copy it came from; nil where nothing was needed from it.
        package var source: String?
        /// Where in the archive what was there before is kept; nil where there was nothing.
        package var keptCopy: String?

        package init(
            file: String, sequence: UInt64? = nil, records: Int = 0, what: String, source: String? = nil,
            keptCopy: String? = nil
        ) {
            self.file = file
            self.sequence = sequence
            self.records = records
            self.what = what
            self.source = source
            self.keptCopy = keptCopy
        }
    }

    /// Something that stays as it was.
    package struct Refusal: Hashable, Sendable {
        /// Path within the archive.
        package let file: String
        /// The first record concerned.
        package var sequence: UInt64?
        /// Why, as a fact.
        package let what: String
    }
}
