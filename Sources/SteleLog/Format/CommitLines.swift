// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

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

    /// Lays out the entries of `batches` as records `first`, `first + 1` … captured at `time`.
    init(_ batches: [LineBatch], first: SequenceNumber, time: CaptureTime) {
        lay(batches, first: first, time: time)
    }

    /// Lays out another commit in the room of the one before it.
    mutating func lay(_ batches: [LineBatch], first: SequenceNumber, time: CaptureTime) {
        let count = batches.reduce(0) { $0 + $1.count }
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(batches.reduce(0) { $0 + $1.byteCount } + count * 72 + 64)
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

    fileprivate static let sequenceKey = Array(#"{"seq":"#.utf8)
    fileprivate static let timeKey = Array(#","at":""#.utf8)
    fileprivate static let timeEnd = Array(#"","#.utf8)
    fileprivate static let recordsKey = Array(#""commit":{"records":"#.utf8)
    fileprivate static let sumKey = Array(#","crc32":""#.utf8)
    fileprivate static let sumEnd = Array(#""},"#.utf8)
    fileprivate static let lineEnd = Array("}\n".utf8)
    static let zeroDigits = Array("00000000".utf8)
    private static let hexDigits = Array("0123456789abcdef".utf8)
}

/// What stands at a place in uncompressed log bytes.
enum CommitScan: Hashable {
    /// A whole commit whose sum holds: where its lines end (places of the line feeds) and when it was captured.
    case whole(ends: [Int], time: CaptureTime)
    /// Good so far, but the bytes end before the commit does.
    case incomplete
    /// No commit, or one that was changed; the sentence says what.
    case invalid(String)

    /// Reads one commit from `bytes[start...]`.
    ///
    /// - Parameters:
    ///   - bytes: Uncompressed bytes of a member.
    ///   - start: Where the commit begins in them.
    ///   - sequence: What its first record's number must be; nil takes what stands there.
    init(_ bytes: UnsafeRawBufferPointer, from start: Int, expecting sequence: SequenceNumber?) {
        var scan = LineScan(bytes: bytes, place: start)
        guard scan.take(CommitLines.sequenceKey) else {
            self = scan.outcome("a line does not begin with seq"); return
        }
        guard let first = scan.number() else { self = scan.outcome("seq is not a number"); return }
        if let sequence, first != sequence.rawValue, !scan.isAtEnd {
            self = .invalid("record \(first) stands where record \(sequence) belongs")
            return
        }
        guard scan.take(CommitLines.timeKey), let time = scan.time(), scan.take(CommitLines.timeEnd) else {
            self = scan.outcome("a line has no capture time")
            return
        }
        guard scan.take(CommitLines.recordsKey), let count = scan.number(), scan.take(CommitLines.sumKey)
        else {
            self = scan.outcome("a commit's first line does not say how long it is")
            return
        }
        let digits = scan.place
        guard let sum = scan.hexNumber(), scan.take(CommitLines.sumEnd) else {
            self = scan.outcome("a commit has no check sum")
            return
        }
        guard count > 0, count <= UInt64(Int32.max) else {
            self = .invalid("a commit has \(count) records"); return
        }
        var ends: [Int] = []
        ends.reserveCapacity(min(Int(count), bytes.count / 32 + 1))
        var last = scan.place
        while ends.count < Int(count) {
            guard let end = scan.lineFeed(from: last) else { self = .incomplete; return }
            ends.append(end)
            last = end + 1
        }
        let before = Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[start..<digits]))
        let zeroed = Checksum.crc32(CommitLines.zeroDigits, startingWith: before)
        guard
            Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[(digits + 8)..<last]), startingWith: zeroed)
                == sum
        else { self = .invalid("the check sum of the commit at record \(first) does not hold"); return }
        // The sum holds: whoever wrote these lines wrote them so. What is left is that each says its number.
        for (index, end) in ends.dropLast().enumerated() {
            var line = LineScan(bytes: bytes, place: end + 1)
            guard line.take(CommitLines.sequenceKey), line.number() == first + UInt64(index) + 1 else {
                self = .invalid("record \(first + UInt64(index) + 1) is missing from its commit")
                return
            }
        }
        self = .whole(ends: ends, time: time)
    }
}

/// Takes the parts of a line off one after the other.
private struct LineScan {
    let bytes: UnsafeRawBufferPointer
    var place: Int
    /// Whether the bytes ended within a part, rather than being other bytes.
    private(set) var isAtEnd = false

    init(bytes: UnsafeRawBufferPointer, place: Int) {
        self.bytes = bytes
        self.place = place
    }

    func outcome(_ what: String) -> CommitScan { isAtEnd ? .incomplete : .invalid(what) }

    mutating func take(_ text: [UInt8]) -> Bool {
        for byte in text {
            guard place < bytes.count else { isAtEnd = true; return false }
            guard bytes[place] == byte else { return false }
            place += 1
        }
        return true
    }

    /// Decimal digits, at most 19.
    mutating func number() -> UInt64? {
        var value: UInt64 = 0
        let start = place
        while place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]),
            place - start < 19
        {
            value = value * 10 + UInt64(bytes[place] - UInt8(ascii: "0"))
            place += 1
        }
        guard place < bytes.count else { isAtEnd = true; return nil }
        return place > start ? value : nil
    }

    mutating func hexNumber() -> UInt32? {
        guard place + 8 <= bytes.count else { isAtEnd = true; return nil }
        var value: UInt32 = 0
        for byte in bytes[place..<place + 8] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        place += 8
        return value
    }

    mutating func time() -> CaptureTime? {
        guard place + CaptureTime.byteCount <= bytes.count else { isAtEnd = true; return nil }
        let text = [UInt8](bytes[place..<place + CaptureTime.byteCount])
        place += CaptureTime.byteCount
        return CaptureTime(text[...])
    }

    func lineFeed(from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}

extension CommitScan {
    /// The capture time a whole line states.
    static func time(ofLine line: ArraySlice<UInt8>) -> CaptureTime? {
        line.withUnsafeBytes { bytes in
            var scan = LineScan(bytes: bytes, place: 0)
            guard scan.take(CommitLines.sequenceKey), scan.number() != nil, scan.take(CommitLines.timeKey)
            else {
                return nil
            }
            return scan.time()
        }
    }
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
