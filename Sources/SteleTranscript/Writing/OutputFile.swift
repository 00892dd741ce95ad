// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// A file that an export wrote.
public struct WrittenFile: Hashable, Sendable {
    public let url: URL
    public let bytes: Int64

    public init(url: URL, bytes: Int64) {
        self.url = url
        self.bytes = bytes
    }
}

/// Why an export could not be written.
public struct OutputError: Error, Hashable, CustomStringConvertible {
    /// The kind of failure: match on this, never on the text.
    public enum Code: Hashable, Sendable {
        /// The system refused to make, write, sync or rename a file.
        case inputOutput
        /// Something that is not an earlier export stands where the export should go.
        case occupied
        /// The transcript is larger than this output can hold.
        case tooLarge
        /// The transcript holds something that this format cannot say.
        case unsupported
    }

    public let code: Code
    /// The file, folder or conversation concerned.
    public let subject: String
    public let reason: String
    /// The next thing to do: one imperative sentence.
    public let remedy: String

    public init(code: Code, subject: String, reason: String, remedy: String) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.remedy = remedy
    }

    public var description: String { "\(subject): \(reason). \(remedy)" }

    /// What the system said last about `url`.
    static func system(_ action: String, _ url: URL, number: Int32 = errno) -> Self {
        let remedy =
            number == ENOSPC
            ? "Make room on that disk and export again." : "Check that folder's existence and permissions."
        return Self(
            code: .inputOutput, subject: url.path,
            reason: "cannot \(action): \(String(cString: strerror(number)))",
            remedy: remedy)
    }
}

/// A file that appears whole: bytes go to `NAME.partial`, which takes its name when it is durable.
///
/// Dropped before ``finish()``, it leaves nothing. Not for use from two tasks at once.
public final class OutputFile {
    /// Bytes held back until they are worth a system call.
    private static let capacity = 256 * 1024

    public let url: URL
    private let partial: URL?
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var flushedBytes: Int64 = 0

    /// Bytes appended so far.
    public var byteCount: Int64 { flushedBytes + Int64(buffer.count) }

    /// Begins a file; one of the same name stays readable until `finish` replaces it.
    public init(at url: URL) throws(OutputError) {
        let partial = url.deletingLastPathComponent().appendingPathComponent(
            url.lastPathComponent + ".partial")
        let descriptor = open(partial.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system("create", partial) }
        self.url = url
        self.partial = partial
        self.descriptor = descriptor
        buffer.reserveCapacity(Self.capacity + Self.capacity / 4)
    }

    /// Writes to an open descriptor, standard output above all; it is neither synced nor closed.
    public init(descriptor: Int32, name: String = "standard output") {
        url = URL(fileURLWithPath: "/dev/fd/\(descriptor)")
        partial = nil
        self.descriptor = descriptor
    }

    deinit {
        guard let partial, descriptor >= 0 else { return }
        close(descriptor)
        unlink(partial.path)
    }

    /// Appends what `write` appends to the buffer it is handed.
    ///
    /// The buffer may hold earlier bytes: append only.
    public func append(_ write: (inout [UInt8]) throws -> Void) throws {
        try write(&buffer)
        if buffer.count >= Self.capacity { try flush() }
    }

    /// Appends the UTF-8 bytes of `text`.
    public func append(_ text: String) throws { try append { $0.append(utf8: text) } }

    /// Hands everything appended to the system.
    public func flush() throws(OutputError) {
        var written = 0
        while written < buffer.count {
            let (count, number) = buffer.withUnsafeBytes { bytes in
                let result = Foundation.write(
                    descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                return (result, errno)
            }
            if count < 0 {
                guard number == EINTR else { throw .system("write", url, number: number) }
            } else {
                written += count
            }
        }
        flushedBytes += Int64(written)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes the file durable and gives it its name.
    @discardableResult
    public func finish() throws(OutputError) -> WrittenFile {
        let written = try finishContent()
        // The folder too: until it is synced, the new name is not durable.
        if partial != nil { try OutputFolder.sync(url.deletingLastPathComponent()) }
        return written
    }

    /// Makes the content durable and gives it its name, which is durable when somebody syncs the folder.
    func finishContent() throws(OutputError) -> WrittenFile {
        try flush()
        guard let partial else { return WrittenFile(url: url, bytes: flushedBytes) }
        guard fsync(descriptor) == 0 else { throw .system("sync", partial) }
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0, rename(partial.path, url.path) == 0 else {
            let error = OutputError.system("rename", partial)
            unlink(partial.path)
            throw error
        }
        return WrittenFile(url: url, bytes: flushedBytes)
    }
}
