// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// An archive's folder and what lies where in it.
///
/// ```
/// stele.json               what this folder is: format number, origin, when it was made
/// lock                     who writes to it, and up to where the log is durable
/// key                      the private signing key, readable by the owner only
/// key.pub                  the public halves of all keys the archive has signed with
/// log/000000000000.jsonl.gz …   the records: the only truth, named by their first sequence
/// checkpoints/             signed statements of the log's size and root
/// attachments/sha256/ab/…  received files, named by their content
/// mirror.json              the second copy that follows this archive
/// index/  views.sqlite     derived: may be deleted at any time
/// ```
package struct Archive: Sendable {
    package let url: URL
    /// What the archive calls itself in checkpoints: a name without spaces that nobody else uses.
    package let origin: String

    package let files: any FileSystem

    package var path: String { url.path(percentEncoded: false).withoutTrailingSlash }
    package var descriptionPath: String { path + "/" + Self.descriptionName }
    package var logPath: String { path + "/log" }
    package var lockPath: String { path + "/lock" }
    package var keyPath: String { path + "/key" }
    /// The public keys, by their file's name within an archive.
    static let verifyingKeysName = "key.pub"
    package var verifyingKeysPath: String { path + "/" + Self.verifyingKeysName }
    var mirrorStatePath: String { path + "/mirror.json" }
    package var checkpointsPath: String { path + "/checkpoints" }
    package var indexPath: String { path + "/index" }
    package var attachmentsPath: String { path + "/attachments" }
    package var logURL: URL { URL(filePath: logPath, directoryHint: .isDirectory) }
    package var indexURL: URL { URL(filePath: indexPath, directoryHint: .isDirectory) }
    package var viewsURL: URL { URL(filePath: path + "/views.sqlite") }
    package var attachmentsURL: URL { URL(filePath: attachmentsPath, directoryHint: .isDirectory) }

    static let descriptionName = "stele.json"
    private static let formatVersion = 1

    private struct Description: Codable {
        var stele: Int
        var origin: String
        var created: String
        var crc32: String?
    }

    /// Opens the archive in a folder.
    ///
    /// - Throws: ``LogError`` with `.notAnArchive` or `.laterVersion`.
    package static func open(_ url: URL, files: any FileSystem = LocalFileSystem()) throws(LogError)
        -> Archive
    {
        let path = url.path(percentEncoded: false).withoutTrailingSlash
        let descriptionPath = path + "/" + descriptionName
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try files.contents(of: descriptionPath)
        } catch {
            guard error.isMissing else { throw LogError(error) }
            throw LogError(
                .notAnArchive, file: path, what: "there is no archive here (no \(descriptionName))",
                remedy: "Name an archive with --archive, or make one with 'stele init'.")
        }
        // What exactly the JSON library disliked does not help: the file is ours and three members long.
        guard let description = try? JSONDecoder().decode(Description.self, from: Data(bytes)) else {
            throw LogError(
                .notAnArchive, file: descriptionPath, what: "this is not the description of an archive",
                remedy: "Restore the file from a second copy: it holds stele, origin and created.")
        }
        guard description.stele > 0 else {
            throw LogError(
                .notAnArchive, file: descriptionPath,
                what: "the archive has format \(description.stele), and the first one was 1",
                remedy: "Restore the file from a second copy: it holds stele, origin and created.")
        }
        guard description.stele <= formatVersion else {
            throw LogError(
                .laterVersion, file: descriptionPath,
                what: "the archive has format \(description.stele), and this Stele knows \(formatVersion)",
                remedy: "Use the Stele that wrote it, or a later one.")
        }
        return Archive(url: url, origin: description.origin, files: files)
    }

    /// The archive in a folder whose description cannot be read: for checking and repairing it only.
    package static func withoutDescription(_ url: URL, files: any FileSystem = LocalFileSystem()) -> Archive {
        Archive(url: url, origin: "", files: files)
    }

    /// Makes an archive in a folder, which may exist but holds none yet.
    package static func create(
        _ url: URL, origin: String? = nil, files: any FileSystem = LocalFileSystem()
    ) throws(LogError) -> Archive {
        let name = origin ?? "stele/" + UUID().uuidString.lowercased()
        let archive = Archive(url: url, origin: name, files: files)
        var created: [UInt8] = []
        CaptureTime.now().append(to: &created)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let description = Description(
            stele: formatVersion, origin: name, created: String(decoding: created, as: UTF8.self),
            crc32: DescriptionSum.open)
        guard let json = try? encoder.encode(description) else {
            preconditionFailure("four plain members encode")
        }
        do throws(FileFailure) {
            for folder in [archive.path, archive.logPath, archive.indexPath] { try files.makeFolder(folder) }
            // The archive's own name lies in the folder above it.
            try files.syncFolder(archive.path + "/..")
            try files.writeWhole(
                DescriptionSum.sealed(Array(json) + [UInt8(ascii: "\n")]), to: archive.descriptionPath,
                in: archive.path)
        } catch {
            throw LogError(error)
        }
        return archive
    }

    /// Opens the archive in a folder, or makes one where there is none.
    package static func openOrCreate(_ url: URL, files: any FileSystem = LocalFileSystem()) throws(LogError)
        -> Archive
    {
        let path = url.path(percentEncoded: false).withoutTrailingSlash
        return files.exists(path + "/" + descriptionName)
            ? try open(url, files: files) : try create(url, files: files)
    }
}

extension Archive {
    static let segmentSuffix = ".jsonl.gz"

    /// `000000421184.jsonl.gz` for the segment whose first record is 421184.
    static func segmentName(_ first: SequenceNumber) -> String {
        let digits = String(first.rawValue)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits + segmentSuffix
    }

    func segmentPath(_ first: SequenceNumber) -> String { logPath + "/" + Self.segmentName(first) }

    /// The first sequence of the segment of this name; nil when the name is no segment's.
    static func segment(named name: String) -> SequenceNumber? {
        guard name.hasSuffix(segmentSuffix), let number = UInt64(name.dropLast(segmentSuffix.count)),
            SequenceNumber(number) < .limit, segmentName(SequenceNumber(number)) == name
        else { return nil }
        return SequenceNumber(number)
    }

    /// The first sequences of all segments, in order.
    func segments() throws(LogError) -> [SequenceNumber] {
        do throws(FileFailure) {
            return try files.names(in: logPath).compactMap { Self.segment(named: $0) }.sorted()
        } catch {
            throw LogError(error)
        }
    }
}

extension String {
    var withoutTrailingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
