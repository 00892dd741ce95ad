// SPDX-License-Identifier: Apache-2.0

/// Reads a segment's bytes as they lie on the mirror, from its start, and checks that they prove themselves.
///
/// Each header must join on to what came before it: sequence, tree, size and CRC-32 of the member before. Lines must
/// lead to the tree of the next header. So what was taken in without a fault is a beginning of the log that ends at
/// ``next`` with the tree ``frontier``, and ``memberCRC`` tells whether the writer vouches for the last member's bytes.
struct ArrivalScan {
    /// What does not fit, and before which record.
    struct Fault: Error, Hashable {
        var sequence: SequenceNumber
        var what: String
    }

    /// Bytes of the segment taken in.
    private(set) var offset: Int64 = 0
    /// The sequence after the last whole record.
    private(set) var next: SequenceNumber
    /// The tree over all records before ``next``.
    private(set) var frontier: TreeFrontier
    /// Bytes of the segment up to and with the piece that completed the last whole commit, mark or member.
    private(set) var wholeOffset: Int64 = 0
    /// CRC-32 of the last member's bytes so far, its header included.
    private(set) var memberCRC: UInt32 = 0
    /// Whether the end mark was taken in.
    private(set) var isSealed = false

    private enum Part {
        case header([UInt8])
        case lines(MemberScan)
        case mark(MemberHeader.Kind, [UInt8])
    }

    private var part = Part.header([])
    private var memberSize: UInt32 = 0
    private let inflater = Inflater()
    /// Whether the first header's word is taken for what came before it.
    private var believesFirst: Bool

    /// - Parameters:
    ///   - first: The segment's first record.
    ///   - frontier: The tree over all records before it; nil believes the first header.
    init(first: SequenceNumber, after frontier: TreeFrontier?) {
        next = first
        self.frontier = frontier ?? TreeFrontier()
        believesFirst = frontier == nil
    }

    /// Most bytes that are unpacked before the lines in them are taken out.
    private static let sliceByteCount = 64 * 1024

    /// Takes in the segment's next bytes.
    mutating func feed(_ bytes: [UInt8]) throws(Fault) {
        var start = 0
        while start < bytes.count {
            let end = min(start + Self.sliceByteCount, bytes.count)
            let used = try take(bytes[start..<end])
            start += used
            offset += Int64(used)
            if case .header(let header) = part, header.isEmpty { wholeOffset = offset }
        }
    }

    /// - Returns: How many bytes were used, at least one.
    private mutating func take(_ bytes: ArraySlice<UInt8>) throws(Fault) -> Int {
        switch part {
        case .header(let head): return try take(bytes, header: head)
        case .lines(let scan): return try take(bytes, lines: scan)
        case .mark(let kind, let body): return try take(bytes, mark: kind, body)
        }
    }

    private func fault(_ what: String) -> Fault { Fault(sequence: next, what: what) }

    private mutating func take(_ bytes: ArraySlice<UInt8>, header head: [UInt8]) throws(Fault) -> Int {
        guard !isSealed else { throw fault("bytes stand after the end mark") }
        let prefix = MemberHeader.prefixByteCount
        let wanted = head.count < prefix ? prefix : try byteCount(head)
        let used = min(wanted - head.count, bytes.count)
        let head = head + bytes.prefix(used)
        part = .header(head)
        guard head.count >= prefix, head.count == (try byteCount(head)) else { return used }
        let header = try read { () throws(MemberHeader.Refusal) in try MemberHeader(head) }
        try begin(header, head)
        return used
    }

    private func byteCount(_ head: [UInt8]) throws(Fault) -> Int {
        try read { () throws(MemberHeader.Refusal) in try MemberHeader.byteCount(prefix: head) }
    }

    private func read<Result>(_ body: () throws(MemberHeader.Refusal) -> Result) throws(Fault) -> Result {
        do throws(MemberHeader.Refusal) { return try body() } catch {
            throw fault(
                error == .laterVersion
                    ? "a member was written by a later Stele" : "a member's header was changed")
        }
    }

    private mutating func begin(_ header: MemberHeader, _ bytes: [UInt8]) throws(Fault) {
        guard header.sequence == next else {
            throw fault("record \(header.sequence) stands where record \(next) belongs")
        }
        if believesFirst { frontier = header.frontier }
        believesFirst = false
        guard header.frontier == frontier else {
            throw fault("the records before this do not match the tree")
        }
        guard header.previousSize == memberSize, header.previousCRC == (memberSize == 0 ? 0 : memberCRC)
        else {
            throw fault("bytes of the member before this were changed")
        }
        memberSize = UInt32(bytes.count)
        memberCRC = Checksum.crc32(bytes)
        part =
            header.kind == .lines
            ? .lines(MemberScan(header, inflater: inflater)) : .mark(header.kind, [])
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, lines: MemberScan) throws(Fault) -> Int {
        var scan = lines
        let used = bytes.withUnsafeBytes { scan.feed($0) }
        memberCRC = Checksum.crc32(bytes.prefix(used), startingWith: memberCRC)
        memberSize &+= UInt32(truncatingIfNeeded: used)
        var goesOn = used > 0
        while let lines = scan.takeCommits() {
            goesOn = true
            frontier.append(lines)
            next = lines.end
            wholeOffset = offset + Int64(used)
        }
        switch scan.state {
        case .invalid(let what): throw fault(what)
        case .ended: part = .header([])
        case .hungry: part = .lines(scan)
        }
        guard goesOn else { throw fault("the member does not go on") }
        return used
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, mark kind: MemberHeader.Kind, _ body: [UInt8])
        throws(Fault) -> Int
    {
        let used = min(MemberHeader.markBody.count - body.count, bytes.count)
        let body = body + bytes.prefix(used)
        guard MemberHeader.markBody.starts(with: body) else { throw fault("a mark was changed") }
        memberCRC = Checksum.crc32(bytes.prefix(used), startingWith: memberCRC)
        memberSize &+= UInt32(truncatingIfNeeded: used)
        part = .mark(kind, body)
        if body.count == MemberHeader.markBody.count {
            part = .header([])
            isSealed = kind == .end
        }
        return used
    }
}
