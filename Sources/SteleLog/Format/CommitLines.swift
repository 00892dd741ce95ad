// SPDX-License-Identifier: Apache-2.0

/// The lines of one commit, as they stand in the log.
///
/// The first line says how many there are and seals them, so that a torn commit is known for what it is from
/// the lines alone, whatever compressed them:
///
/// ```
/// {"seq":41,"at":"2026-11-23T02:40:00.123456Z","commit":{"records":3,"crc32":"9a8b7c6d"},"via":…}\n
/// {"seq":42,"at":"2026-11-23T02:40:00.123456Z","via":…}\n
/// {"seq":43,"at":"2026-11-23T02:40:00.123456Z","via":…}\n
/// ```
///
/// `crc32` is the CRC-32 of all bytes of these lines, line feeds included, as they stand with `00000000` in the
/// place of its own eight digits.
struct CommitLines {
    private(set) var bytes: [UInt8] = []
    /// Where each line ends in `bytes`: the place of its line feed.
    private(set) var ends: [Int] = []
    /// CRC-32 of `bytes` as they are.
    private(set) var crc: UInt32 = 0

    init() {}

    /// Lines as they were read.
    init(_ lines: LogLines) {
        bytes = lines.bytes
        ends = lines.ends
        crc = Checksum.crc32(lines.bytes)
    }

    /// Lays out the entries of `batches` as records `first`, `first + 1` … captured at `time`.
    init(_ batches: [LineBatch], first: SequenceNumber, time: CaptureTime) {
        lay(batches, first: first, time: time)
    }

    /// Lays out another commit in the room of the one before it.
    mutating func lay(_ batches: [LineBatch], first: SequenceNumber, time: CaptureTime) {
        let count = batches.reduce(0) { $0 + $1.count }
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(batches.reduce(0) { $0 + $1.byteCount } + count * Self.lineOverhead + 64)
        ends.reserveCapacity(count)
        var timeText = Self.timeKey
        time.append(to: &timeText)
        timeText += Self.timeEnd
        let sequenceKey = Self.sequenceKey
        let lineEnd = Self.lineEnd
        var sequence = first.rawValue
        var digits = 0..<0
        for batch in batches {
            batch.bytes.withUnsafeBufferPointer { entries in
                var start = 0
                for end in batch.ends {
                    bytes += sequenceKey
                    bytes.append(decimal: sequence)
                    bytes += timeText
                    if sequence == first.rawValue { digits = appendSeal(count: count) }
                    bytes += UnsafeBufferPointer(rebasing: entries[start..<end])
                    bytes += lineEnd
                    ends.append(bytes.count - 1)
                    start = end
                    sequence += 1
                }
            }
        }
        seal(digits)
    }

    /// Appends `"commit":{…},` and returns the place of its eight digits.
    private mutating func appendSeal(count: Int) -> Range<Int> {
        bytes += Self.recordsKey
        bytes.append(decimal: UInt64(count))
        bytes += Self.sumKey
        let digits = bytes.count..<(bytes.count + 8)
        bytes += Self.zeroDigits
        bytes += Self.sumEnd
        return digits
    }

    /// Appends each line to a tree, as the leaf it is.
    mutating func appendLeaves(to frontier: inout TreeFrontier) {
        guard let first = ends.first else { return }
        bytes.withUnsafeMutableBytes { bytes in
            // The first line has no byte before it that could be lent to its hash.
            frontier.append(leaf: TreeHash(leaf: UnsafeRawBufferPointer(rebasing: bytes[..<first])))
            for (before, end) in zip(ends, ends.dropFirst()) {
                guard let line = bytes.baseAddress.map({ $0 + before + 1 }) else { continue }
                frontier.append(leaf: TreeHash(leafInPlace: line, byteCount: end - before - 1))
            }
        }
    }

    private mutating func seal(_ digits: Range<Int>) {
        let before = Checksum.crc32(bytes[..<digits.lowerBound])
        let after = Checksum.crc32(bytes[digits.upperBound...])
        let afterCount = bytes.count - digits.upperBound
        let sum = Checksum.combined(
            Checksum.crc32(Self.zeroDigits, startingWith: before), after, secondByteCount: afterCount)
        for (place, shift) in zip(digits, stride(from: UInt32(28), through: 0, by: -4)) {
            bytes[place] = Self.hexDigits[Int(sum >> shift & 15)]
        }
        crc = Checksum.combined(
            Checksum.crc32(bytes[digits], startingWith: before), after, secondByteCount: afterCount)
    }

    /// Bytes of a line that are not its entry's, at most, the seal of a commit's first line aside.
    static let lineOverhead = 72
    static let sequenceKey = Array(#"{"seq":"#.utf8)
    static let timeKey = Array(#","at":""#.utf8)
    static let timeEnd = Array(#"","#.utf8)
    static let recordsKey = Array(#""commit":{"records":"#.utf8)
    static let sumKey = Array(#","crc32":""#.utf8)
    static let sumEnd = Array(#""},"#.utf8)
    fileprivate static let lineEnd = Array("}\n".utf8)
    static let zeroDigits = Array("00000000".utf8)
    private static let hexDigits = Array("0123456789abcdef".utf8)
}

extension [UInt8] {
    fileprivate mutating func append(decimal value: UInt64) {
        guard value >= 10 else { append(UInt8(ascii: "0") + UInt8(value)); return }
        let start = count
        var rest = value
        while rest > 0 {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        self[start...].reverse()
    }
}
