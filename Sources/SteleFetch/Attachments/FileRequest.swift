// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// A file that is to be fetched.
package struct FileRequest: Hashable, Sendable {
    package let file: FileReference
    /// Of the message that names it, or of the combine message round that.
    package let time: Instant
    /// UUIDs of the bundles it is inside, the outermost first.
    package let path: [String]
    /// Tries so far.
    package internal(set) var tries: Int
    /// Not before; nil for at once.
    package internal(set) var due: Instant?

    package init(
        _ file: FileReference, time: Instant, path: [String] = [], tries: Int = 0, due: Instant? = nil
    ) {
        self.file = file
        self.time = time
        self.path = path
        self.tries = tries
        self.due = due
    }

    package var name: FileName { file.name }
    /// Whom it is asked of: what stands between `//` and the next `/`.
    var host: String {
        let parts = file.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? parts[2].prefix { $0 != "/" && $0 != "?" }.lowercased() : ""
    }
}
