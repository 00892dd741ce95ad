// SPDX-License-Identifier: Apache-2.0

import Foundation
@testable import SteleLog

/// A folder for one test, gone after it.
func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let url = URL(filePath: NSTemporaryDirectory()).appending(path: "stele-log-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    // The folder lies among the system's temporary files anyway.
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(url)
}

enum LogTestError: Error { case noWriter }

extension LineBatch {
    /// `count` records whose content follows from their number, about 120 bytes each.
    init(_ numbers: Range<Int>, salt: String = "") {
        self.init()
        for number in numbers {
            append { bytes in
                bytes += Array(
                    #""via":"callback","flow":"none","event":{"n":\#(number),"text":"你好 \#(number * 7919 % 10007) \#(salt)"}"#
                        .utf8)
            }
        }
    }
}

extension LogReader {
    /// Every line that can be read now, and every hole.
    func everything(from sequence: SequenceNumber = .zero) throws -> (lines: [String], holes: [LogHole]) {
        var cursor = try cursor(from: sequence)
        var lines: [String] = []
        var holes: [LogHole] = []
        while let chunk = try cursor.next() {
            switch chunk {
            case .lines(let chunk):
                for index in 0..<chunk.count { lines.append(String(decoding: chunk[index], as: UTF8.self)) }
            case .hole(let hole): holes.append(hole)
            }
        }
        return (lines, holes)
    }
}

/// The `n` each line was written with.
func numbers(_ lines: [String]) -> [Int] { lines.compactMap { number(in: $0, after: #""event":{"n":"#) } }

/// The `seq` each line begins with.
func sequences(_ lines: [String]) -> [Int] {
    lines.compactMap { $0.hasPrefix(#"{"seq":"#) ? number(in: $0, after: #"{"seq":"#) : nil }
}

private func number(in line: String, after key: String) -> Int? {
    let bytes = Array(line.utf8)
    guard let start = bytes.firstRange(of: Array(key.utf8))?.upperBound else { return nil }
    return Int(String(decoding: bytes[start...].prefix { (48...57).contains($0) }, as: UTF8.self))
}

/// What a stock tool makes of the segments: standard output and exit status of `command`.
func run(_ command: String) throws -> (output: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus)
}

final class Counter: @unchecked Sendable {
    // Guarded by `lock`.
    private var value: Int64 = -1
    private let lock = NSLock()
    func next() -> Int64 {
        lock.withLock {
            value += 1
            return value
        }
    }
}
