// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads a commit, as ``CommitLines`` lays it out, off the front of uncompressed bytes, which may still be growing.
///
/// Used for one commit after the other, it allocates nothing: what it found stays here until the next is begun.
struct CommitScan {
    enum Outcome: Hashable {
        /// A whole commit whose sum holds.
        case whole
        /// Good so far, but the bytes end before the commit does.
        case incomplete
        /// No commit, or one that was changed; the sentence says what.
        case invalid(String)
    }

    /// Where the commit's lines end, counted from its first byte: the places of the line feeds found so far.
    private(set) var ends: [Int] = []
    /// When the commit was captured.
    private(set) var time = CaptureTime(microseconds: .min)
    /// CRC-32 of the commit's bytes as they are.
    private(set) var crc: UInt32 = 0

    /// What the first line says; nil until that was read.
    private var head: Head?

    private struct Head {
        var sequence: UInt64
        var count: Int
        var sum: UInt32
        /// Where the digits of the sum stand.
        var digits: Int
        /// Where the line goes on after them.
        var end: Int
    }

    /// Bytes of the commit, once it is whole.
    var byteCount: Int { ends.last.map { $0 + 1 } ?? 0 }

    /// Forgets the commit read last, for the next one.
    mutating func begin() {
        ends.removeAll(keepingCapacity: true)
        head = nil
    }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - bytes: Uncompressed bytes from the commit's first one on; each time at least those of the time before.
    ///   - sequence: What the commit's first record must be.
    /// - Returns: Whether the commit is whole; ``ends``, ``time`` and ``crc`` tell of it then.
    mutating func read(_ bytes: UnsafeRawBufferPointer, expecting sequence: SequenceNumber) -> Outcome {
        if head == nil {
            let outcome = readHead(bytes, expecting: sequence)
            guard outcome == .whole else { return outcome }
        }
        guard let head else { return .incomplete }
        var start = max(head.end, byteCount)
        while ends.count < head.count {
            guard let end = bytes.lineFeed(from: start) else { return .incomplete }
            ends.append(end)
            start = end + 1
        }
        guard checkSum(head, UnsafeRawBufferPointer(rebasing: bytes[..<byteCount])) else {
            return .invalid("the check sum of the commit at record \(head.sequence) does not hold")
        }
        // The sum holds: whoever wrote these lines wrote them so. What is left is that each says its number.
        for index in 1..<max(1, ends.count) {
            let number = head.sequence + UInt64(index)
            guard bytes.lineSequence(at: ends[index - 1] + 1) == number else {
                return .invalid("record \(number) is missing from its commit")
            }
        }
        return .whole
    }

    private mutating func readHead(_ bytes: UnsafeRawBufferPointer, expecting sequence: SequenceNumber)
        -> Outcome
    {
        var scan = LineScan(bytes: bytes, place: 0)
        guard scan.take(CommitLines.sequenceKey) else {
            return scan.outcome("a line does not begin with seq")
        }
        guard let first = scan.number() else { return scan.outcome("seq is not a number") }
        guard first == sequence.rawValue else {
            return .invalid("record \(first) stands where record \(sequence) belongs")
        }
        guard scan.take(CommitLines.timeKey), let time = scan.time(), scan.take(CommitLines.timeEnd) else {
            return scan.outcome("a line has no capture time")
        }
        guard scan.take(CommitLines.recordsKey), let count = scan.number(), scan.take(CommitLines.sumKey)
        else { return scan.outcome("a commit's first line does not say how long it is") }
        let digits = scan.place
        guard let sum = scan.hexNumber(), scan.take(CommitLines.sumEnd) else {
            return scan.outcome("a commit has no check sum")
        }
        guard count > 0, count <= UInt64(Int32.max) else { return .invalid("a commit has \(count) records") }
        self.time = time
        head = Head(sequence: first, count: Int(count), sum: sum, digits: digits, end: scan.place)
        return .whole
    }

    /// Whether the sum that the first line states is that of the bytes, which are gone over once.
    ///
    /// The stated sum is of bytes with zeros for its own digits. Two runs of one length that differ in eight bytes
    /// alone have sums that differ by what those eight bytes make of the difference, carried over the rest.
    private mutating func checkSum(_ head: Head, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let digits = UnsafeRawBufferPointer(rebasing: bytes[head.digits..<head.digits + 8])
        let difference = Checksum.crc32(digits) ^ Self.crcOfZeroDigits
        crc = Checksum.crc32(bytes)
        let carried = Checksum.combined(difference, 0, secondByteCount: bytes.count - head.digits - 8)
        return crc ^ carried == head.sum
    }

    private static let crcOfZeroDigits = Checksum.crc32(CommitLines.zeroDigits)
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

    func outcome(_ what: String) -> CommitScan.Outcome { isAtEnd ? .incomplete : .invalid(what) }

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
}

extension UnsafeRawBufferPointer {
    /// Where the next line feed stands at or after `start`.
    fileprivate func lineFeed(from start: Int) -> Int? {
        guard start < count, let baseAddress,
            let found = memchr(baseAddress + start, Int32(UInt8(ascii: "\n")), count - start)
        else { return nil }
        return UnsafeRawPointer(found) - baseAddress
    }

    /// The number that the whole line beginning at `start` says it has.
    fileprivate func lineSequence(at start: Int) -> UInt64? {
        var line = LineScan(bytes: self, place: start)
        return line.take(CommitLines.sequenceKey) ? line.number() : nil
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
