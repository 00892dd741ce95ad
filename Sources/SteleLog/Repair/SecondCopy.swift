// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A second copy of an archive: its folder, or its log folder alone.
///
/// Nothing in it is believed: what is taken from it must lead from one state of our own log to another.
package struct SecondCopy: Sendable {
    /// As it was named.
    package let path: String
    let files: any FileSystem
    private let logPath: String
    /// Nil where there is a log folder and nothing else.
    private let archivePath: String?

    /// - Throws: ``LogError`` with `.notAnArchive` when no log lies there.
    package init(_ url: URL, files: any FileSystem = LocalFileSystem()) throws(LogError) {
        path = url.path(percentEncoded: false).withoutTrailingSlash
        self.files = files
        let isArchive = files.exists(path + "/log")
        logPath = isArchive ? path + "/log" : path
        archivePath = isArchive ? path : nil
        guard try !segments().isEmpty else {
            throw LogError(
                .notAnArchive, file: path, what: "there is no copy of a log here",
                remedy: "Name the folder of an archive, or a folder with its *\(Archive.segmentSuffix) files."
            )
        }
    }

    /// The first sequences of its segments, in order.
    func segments() throws(LogError) -> [SequenceNumber] {
        do throws(FileFailure) {
            return try files.names(in: logPath).compactMap { Archive.segment(named: $0) }.sorted()
        } catch {
            throw LogError(error)
        }
    }

    func segment(_ first: SequenceNumber) throws(LogError) -> SegmentFile {
        do throws(FileFailure) {
            return SegmentFile(
                file: try files.open(logPath + "/" + Archive.segmentName(first), .read), first: first)
        } catch {
            throw LogError(error)
        }
    }

    /// Where a file of the archive lies in the copy; nil when the copy has none.
    func place(of file: String) -> String? {
        guard let archivePath, files.exists(archivePath + "/" + file) else { return nil }
        return archivePath + "/" + file
    }
}
