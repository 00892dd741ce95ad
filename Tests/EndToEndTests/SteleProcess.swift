// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Synchronization
import Testing

/// The built `stele`, run as people run it.
struct Stele {
    /// The folder the command runs in: paths among its arguments are relative to it.
    let folder: URL
    var environment: [String: String] = [:]

    struct Output: Sendable {
        let status: Int32
        let stdout: Data
        let stderr: String

        var text: String { String(decoding: stdout, as: UTF8.self) }
        /// Standard output as JSON Lines.
        var lines: [[String: Any]] {
            get throws { try text.split(separator: "\n").map { try JSON.object(Data($0.utf8)) } }
        }
        /// Standard output as one JSON document.
        var document: [String: Any] { get throws { try JSON.object(stdout) } }
    }

    /// Runs to the end.
    func callAsFunction(_ arguments: String...) async throws -> Output { try await run(arguments) }

    /// Runs to the end, `stele` or another program that stands beside it.
    func run(_ arguments: [String], program: String = "stele") async throws -> Output {
        // Files, not pipes: whatever the size of the output, nobody has to read along.
        let name = UUID().uuidString
        let out = folder.appendingPathComponent(".\(name).out")
        let err = folder.appendingPathComponent(".\(name).err")
        for file in [out, err] { try Data().write(to: file) }
        let process = Self.process(arguments, in: folder, environment, program)
        let outHandle = try FileHandle(forWritingTo: out)
        let errHandle = try FileHandle(forWritingTo: err)
        process.standardOutput = outHandle
        process.standardError = errHandle
        await Self.gate.enter()
        let result: Result<Int32, any Error>
        do {
            result = .success(try await Self.run(process))
        } catch {
            result = .failure(error)
        }
        await Self.gate.leave()
        let status = try result.get()
        try outHandle.close()
        try errHandle.close()
        // In a temporary folder: what stays behind goes with it.
        defer { for file in [out, err] { try? FileManager.default.removeItem(at: file) } }
        return Output(
            status: status, stdout: try Data(contentsOf: out),
            stderr: String(decoding: try Data(contentsOf: err), as: UTF8.self))
    }

    /// How many programs run to their end at once.
    private static let gate = Gate(6)

    /// Starts a command that goes on until it is told to stop.
    func start(_ arguments: [String]) throws -> RunningStele {
        try RunningStele(Self.process(arguments, in: folder, environment))
    }

    private static func process(
        _ arguments: [String], in folder: URL, _ extra: [String: String], _ program: String = "stele"
    ) -> Process {
        let process = Process()
        process.executableURL = builtPrograms.appendingPathComponent(program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("STELE_") }
        environment.merge(extra) { $1 }
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        return process
    }

    private static func run(_ process: Process) async throws -> Int32 {
        try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }

    /// `stele` stands beside the test bundle.
    private static let builtPrograms: URL = {
        #if os(macOS)
            let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? Bundle.main
            return bundle.bundleURL.deletingLastPathComponent()
        #else
            return Bundle.main.bundleURL
        #endif
    }()
}

/// A `stele` that is under way, and what it prints.
final class RunningStele: Sendable {
    private let process: Process
    private let exits: AsyncStream<Int32>
    private let lines: AsyncStream<String>
    private let errors = Mutex(Data())

    /// What it wrote to standard error so far.
    var stderr: String { errors.withLock { String(decoding: $0, as: UTF8.self) } }

    fileprivate init(_ process: Process) throws {
        self.process = process
        let out = Pipe()
        let err = Pipe()
        process.standardOutput = out
        process.standardError = err
        let (exits, exitContinuation) = AsyncStream<Int32>.makeStream()
        let (lines, lineContinuation) = AsyncStream<String>.makeStream()
        self.exits = exits
        self.lines = lines
        process.terminationHandler = {
            exitContinuation.yield($0.terminationStatus)
            exitContinuation.finish()
        }
        let rest = Mutex(Data())
        out.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            guard !data.isEmpty else {
                handle.readabilityHandler = nil
                lineContinuation.finish()
                return
            }
            rest.withLock { rest in
                rest.append(data)
                while let newline = rest.firstIndex(of: 0x0A) {
                    lineContinuation.yield(String(decoding: rest[..<newline], as: UTF8.self))
                    rest = Data(rest[rest.index(after: newline)...])
                }
            }
        }
        err.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.errors.withLock { $0.append(data) }
        }
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The next line of standard output, nil when there will be no more.
    func nextLine() async -> String? {
        for await line in lines { return line }
        return nil
    }

    var isRunning: Bool { process.isRunning }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// The exit code, or the number of the signal that ended it.
    func exit() async -> Int32? {
        for await status in exits { return status }
        return nil
    }
}

/// JSON as a test reads it.
enum JSON {
    static func object(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}
