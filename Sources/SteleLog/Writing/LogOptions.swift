// SPDX-License-Identifier: Apache-2.0

/// How the log's writer lays out what it writes.
///
/// Readers need none of it.
package struct LogOptions: Sendable {
    /// Uncompressed bytes after which a gzip member is closed: larger is smaller on disk, and slower to seek.
    package var memberByteCount = 256 * 1024
    /// Compressed bytes after which a segment is sealed.
    package var segmentByteCount = 64 * 1024 * 1024
    /// zlib's level, 1…9, for members as they are written.
    package var compressionLevel = 1
    /// zlib's level, 1…9, at which sealed segments are written anew behind the capture; nil leaves them as they are.
    package var sealedCompressionLevel: Int?
    /// Uncompressed bytes of waiting records after which no more join a commit.
    ///
    /// One batch is never split.
    package var commitByteCount = 256 * 1024
    /// Bytes of the disk kept for the active segment's file ahead of what is written, so that a commit's sync need
    /// not look for room.
    package var reservedByteCount = 4 * 1024 * 1024
    /// Microseconds since 1970.
    ///
    /// The log's times never step back even where this does.
    package var clock: @Sendable () -> Int64 = { CaptureTime.now().microseconds }

    package init() {}

    /// Members in one segment: keeps the directory in its end mark within what every gzip reader takes.
    var memberLimit = 1000
}
