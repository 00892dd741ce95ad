// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// The platform's payloads that the decoders are tested on, for the tests of every target.
///
/// They lie in `Tests/SteleEventsTests/Fixtures`, a folder for each surface.
public enum Fixtures {
    /// The folder with all of them.
    public static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "SteleEventsTests/Fixtures")

    /// The content of a fixture, by its path such as `callback-post/msg-chat-txt.json`.
    public static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: path)))
    }

    /// The paths of all fixtures in one of the folders, sorted.
    public static func files(in surface: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: surface).path())
            .filter { $0.hasSuffix(".json") }
            .map { "\(surface)/\($0)" }
            .sorted()
    }
}
