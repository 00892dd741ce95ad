// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// Which surface imported payloads come from.
package enum ImportFormat: String, Hashable, Sendable, CaseIterable {
    /// Told by each payload's own form.
    case auto
    case callback, history, sdk
}

/// The limits of an import, beside those of the listener.
package struct ImportOptions: Sendable {
    /// Most bytes one compressed file may unpack to.
    package var maximumInflatedBytes: Int64 = 64 << 30
    /// How many times its own size a compressed file may unpack to.
    ///
    /// Judged once 64 MiB came out of it. Chat events compress to a fifth or less, a file made to harm to a
    /// thousandth.
    package var maximumExpansion: Int64 = 500
    /// Largest document that is not JSON Lines, in bytes: it is held in memory.
    package var maximumDocumentBytes = 32 << 20
    /// Largest attachment taken in, in bytes.
    package var maximumAttachmentBytes: Int64 = 1 << 30
    /// Entries of one commit at most.
    package var batchCount = 8192
    /// Bytes of one commit at which it is closed.
    package var batchBytes = 1 << 20

    package init() {}
}

/// What an import did so far.
package struct ImportSummary: Hashable, Sendable {
    /// Payloads met, good or bad: the sum of the other three.
    package var read = 0
    package var recorded = 0
    package var duplicates = 0
    package var rejected = 0
    /// The hourly history files among them, as they were found: not counted above.
    package var hours: [HistoryHour] = []

    package init() {}
}

/// A payload or file that was not recorded.
package struct ImportRejection: Hashable, Sendable {
    /// The file's path as given, or as found below a folder given.
    package let file: String
    /// From 1; nil when the whole file is concerned.
    package let line: Int?
    package let reason: String
}

/// How far an import is.
package struct ImportProgress: Hashable, Sendable {
    /// Bytes read of all files, as they lie on the disk.
    package var bytes: Int64 = 0
    package var totalBytes: Int64
    package var summary = ImportSummary()
}

/// Why an import could not begin.
package struct ImportError: Error, Hashable, CustomStringConvertible {
    package enum Code: Hashable, Sendable { case notFound, unreadable }

    package let code: Code
    package let path: String
    package let reason: String
    /// The next thing to do: one imperative sentence.
    package let remedy: String

    package var description: String { "\(path): \(reason)" }
}
