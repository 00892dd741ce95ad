// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents

/// Cuts a file into payloads: the lines of JSON Lines, the elements of an array, or one whole document.
///
/// Memory is bounded by the longest line that is taken, or by the limit on documents. Not shared.
final class PayloadReader {
    enum Piece {
        case payload([UInt8], line: Int)
        /// Bytes that are no payload; reading goes on behind them.
        case bad(String, line: Int)
    }

    private enum Form {
        case lines
        /// The elements of an array, each with its first line.
        case elements(JSONValue.Elements, line: Int, offset: Int, bytes: [UInt8])
        case ended
    }

    private let feed: ByteFeed
    private let maximumLineBytes: Int
    private let maximumDocumentBytes: Int
    private var form = Form.lines
    /// Pieces found while the file's form was told.
    private var ready: [Piece] = []
    private var line = 0

    /// - Parameters:
    ///   - feed: The file's bytes.
    ///   - isLines: Whether they are JSON Lines for certain; else a look into them tells.
    ///   - maximumLineBytes: The longest line taken.
    ///   - maximumDocumentBytes: The largest document taken that is not JSON Lines.
    init(_ feed: ByteFeed, isLines: Bool, maximumLineBytes: Int, maximumDocumentBytes: Int) {
        self.feed = feed
        self.maximumLineBytes = maximumLineBytes
        self.maximumDocumentBytes = maximumDocumentBytes
        skipByteOrderMark()
        if !isLines { tellForm() }
    }

    func next() -> Piece? {
        if !ready.isEmpty { return ready.removeFirst() }
        switch form {
        case .lines: return nextLine()
        case .elements(var elements, let first, let offset, let bytes):
            guard let element = elements.next() else {
                form = .ended
                return nil
            }
            let start = element.range.lowerBound
            let line = first + bytes[offset..<start].count { $0 == UInt8(ascii: "\n") }
            form = .elements(elements, line: line, offset: start, bytes: bytes)
            return .payload(Array(element.bytes), line: line)
        case .ended: return nil
        }
    }

    // MARK: Lines

    private func nextLine() -> Piece? {
        while true {
            var scanned = 0
            var end = newline(from: &scanned)
            while end == nil {
                if feed.count > maximumLineBytes { return skipLine() }
                guard feed.fill() else { return lastLine() }
                end = newline(from: &scanned)
            }
            guard let end else { return nil }
            line += 1
            let bytes = trimmed(feed.buffer[feed.start..<(feed.start + end)])
            feed.drop(end + 1)
            if bytes.count > maximumLineBytes { return tooLong }
            if !bytes.isEmpty { return .payload(Array(bytes), line: line) }
        }
    }

    /// What stands behind the last newline, and then why the file ended too soon.
    private func lastLine() -> Piece? {
        form = .ended
        line += 1
        let bytes = Array(trimmed(feed.buffer[feed.start...]))
        feed.drop(feed.count)
        guard let problem = feed.problem else {
            return bytes.isEmpty ? nil : .payload(bytes, line: line)
        }
        // A piece of a line is no second fault; a line that happens to be whole is kept.
        guard !bytes.isEmpty, (try? JSONDocument(bytes)) != nil else { return .bad(problem, line: line) }
        ready.append(.bad(problem, line: line + 1))
        return .payload(bytes, line: line)
    }

    /// Passes over a line that is too long without keeping it.
    private func skipLine() -> Piece? {
        line += 1
        while true {
            var scanned = 0
            if let end = newline(from: &scanned) {
                feed.drop(end + 1)
                return tooLong
            }
            feed.drop(feed.count)
            guard feed.fill() else {
                form = .ended
                if let problem = feed.problem { ready.append(.bad(problem, line: line)) }
                return tooLong
            }
        }
    }

    private var tooLong: Piece { .bad("the line is longer than \(maximumLineBytes) bytes", line: line) }

    /// How many bytes stand before the first newline, looking only behind the first `scanned`.
    private func newline(from scanned: inout Int) -> Int? {
        let offset = feed.buffer.withUnsafeBytes { buffer -> Int? in
            let (start, count) = (feed.start + scanned, feed.count - scanned)
            guard count > 0, let base = buffer.baseAddress, let found = memchr(base + start, 0x0A, count)
            else {
                return nil
            }
            return UnsafeRawPointer(found) - base - feed.start
        }
        scanned = feed.count
        return offset
    }

    private func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
        let front = bytes.drop(while: isBlank)
        return front.prefix(upTo: front.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? front.startIndex)
    }

    // MARK: The form of a file

    private func skipByteOrderMark() {
        while feed.count < 3, feed.fill() {}
        if feed.buffer[feed.start...].starts(with: [0xEF, 0xBB, 0xBF]) { feed.drop(3) }
    }

    /// Tells JSON Lines from one document.
    ///
    /// Bytes are only looked at: each form then reads them from the start.
    private func tellForm() {
        var scanned = 0
        var end = newline(from: &scanned)
        while end == nil, feed.count <= maximumDocumentBytes, feed.fill() { end = newline(from: &scanned) }
        let firstEnd = feed.start + (end ?? feed.count)
        let first = Array(trimmed(feed.buffer[feed.start..<firstEnd]))
        if let value = try? JSONDocument(first), !value.root.isArray || hasMore(behind: firstEnd) { return }
        readDocument()
    }

    /// Whether anything but whitespace follows.
    private func hasMore(behind offset: Int) -> Bool {
        var next = offset - feed.start
        while true {
            if !trimmed(feed.buffer[(feed.start + next)...]).isEmpty { return true }
            next = feed.count
            guard feed.count <= maximumDocumentBytes, feed.fill() else { return false }
        }
    }

    private func readDocument() {
        while feed.count <= maximumDocumentBytes, feed.fill() {}
        let bytes = Array(feed.buffer[feed.start...])
        let isWhole = feed.count <= maximumDocumentBytes
        do throws(JSONError) {
            // Depth is the listener's to judge, for each payload.
            let document = try JSONDocument(isWhole ? bytes : [], maximumDepth: .max)
            form = .ended
            feed.drop(feed.count)
            if document.root.isArray {
                form = .elements(document.root.elements, line: 1, offset: 0, bytes: bytes)
            } else {
                ready = [.payload(bytes, line: 1)]
            }
        } catch {
            if trimmed(bytes[...]).isEmpty || hasWholeLine(bytes) { return }
            form = .ended
            feed.drop(feed.count)
            let line = 1 + bytes.prefix(error.offset).count { $0 == UInt8(ascii: "\n") }
            let tooLarge =
                "one document of more than \(maximumDocumentBytes) bytes; give its events as JSON Lines instead"
            ready = [.bad(isWhole ? feed.problem ?? error.description : tooLarge, line: isWhole ? line : 1)]
        }
    }

    /// Whether a line is an object by itself: then the file is JSON Lines with a bad line, not a bad document.
    private func hasWholeLine(_ bytes: [UInt8]) -> Bool {
        bytes.split(separator: UInt8(ascii: "\n")).contains { line in
            let line = trimmed(line)
            guard line.first == UInt8(ascii: "{"), line.last == UInt8(ascii: "}"), line.count > 2 else {
                return false
            }
            return (try? JSONDocument(Array(line))) != nil
        }
    }
}
