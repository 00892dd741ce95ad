// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Runs `body` with a new, empty folder and removes the folder afterwards, also when `body` throws.
public func withTemporaryDirectory<Result>(
    _ body: (URL) async throws -> Result
) async throws -> Result {
    let folder = try makeTemporaryDirectory()
    // What a failed removal leaves behind is in the system's temporary folder.
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// Runs `body`, which does not wait for anything, with a new, empty folder and removes the folder afterwards.
public func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = try makeTemporaryDirectory()
    // What a failed removal leaves behind is in the system's temporary folder.
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}

private func makeTemporaryDirectory() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("stele-test-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}
