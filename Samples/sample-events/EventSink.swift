// SPDX-License-Identifier: Apache-2.0

import CZlib
import Foundation

/// Where the lines go: a file or standard output, plain or gzip.
struct EventSink {
    /// How many bytes are gathered before a write.
    static let chunkBytes = 256 * 1024

    private let plain: FileHandle?
    private let compressed: gzFile?

    init(path: String?, compresses: Bool) throws {
        let descriptor = try path.map(Self.create) ?? dup(STDOUT_FILENO)
        if compresses {
            plain = nil
            compressed = gzdopen(descriptor, "wb6")
        } else {
            plain = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            compressed = nil
        }
    }

    func write(_ bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { return }
        try plain?.write(contentsOf: bytes)
        if let compressed, gzwrite(compressed, bytes, UInt32(bytes.count)) == 0 {
            throw SinkError(what: "compressed output could not be written", number: errno)
        }
    }

    func finish() throws {
        try plain?.close()
        if let compressed, gzclose(compressed) != Z_OK {
            throw SinkError(what: "compressed output could not be finished", number: errno)
        }
    }

    private static func create(_ path: String) throws -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw SinkError(what: "cannot write \(path)", number: errno) }
        return descriptor
    }
}

/// Why the events could not be written.
struct SinkError: Error, CustomStringConvertible {
    let what: String
    let number: Int32

    var description: String {
        "\(what): \(String(cString: strerror(number))). Free some space or choose another --out."
    }
}
