// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// What the benchmark asks of files, and of the tools that come with gzip.
enum Files {
    /// Every file in a folder and below, by path.
    static func all(in folder: URL) throws -> [URL] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
        return try names.sorted().map { folder.appending(path: $0) }.filter {
            try $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
        }
    }

    static func byteCount(_ files: [URL]) throws -> Int {
        try files.reduce(0) { try $0 + ($1.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0) }
    }

    /// Forgets the cached pages of files whose bytes are all on the disk, so that the next read comes from there.
    static func dropCache(_ files: [URL]) throws {
        for url in files {
            let file = try LocalFileSystem().open(url.path(percentEncoded: false), .read)
            // Dirty pages stay cached.
            try file.sync()
            file.dropCache()
        }
    }

    /// Reads files once, so that they are cached.
    static func warm(_ files: [URL]) throws { _ = try shell("cat \"$@\" | wc -c", files) }

    /// Runs a command of the shell with files as `"$@"`.
    ///
    /// - Returns: What it printed.
    @discardableResult
    static func shell(_ command: String, _ files: [URL]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command, "sh"] + files.map { $0.path(percentEncoded: false) }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "'\(command)' exited with \(process.terminationStatus)")
        }
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs a command that prints a number.
    static func number(_ command: String, _ files: [URL]) throws -> Int {
        let text = try shell(command, files)
        guard let number = Int(text) else {
            throw Failure(description: "'\(command)' printed '\(text)' instead of a number")
        }
        return number
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Bytes this process has caused to be read from a disk, where the system counts them.
    static var bytesRead: Int? {
        // Missing elsewhere than on Linux: then the table does not say.
        guard let text = try? String(contentsOfFile: "/proc/self/io", encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix("read_bytes: ") }
            .flatMap { Int($0.dropFirst("read_bytes: ".count)) }
    }
}
