// SPDX-License-Identifier: Apache-2.0

public import Foundation
import SteleEvents
public import SteleTranscript

/// Writes a transcript as comma-separated values (RFC 4180), one message or notice a row.
///
/// The columns are ``columns``, always all of them and in that order; new ones are only ever added at the end. Lists in a
/// cell are separated by spaces, a receipt with a known time is `user@time`. Earlier contents of an edited message are in
/// `versions`, one a line, earliest first. Use JSON where every detail matters.
public struct CSVWriter: TranscriptWriter {
    public struct Options: Sendable {
        /// The zone of every time; each carries its offset.
        public var timeZone: TimeZone = .current
        /// Starts the file with a byte order mark: Excel takes Chinese for another encoding without it.
        public var byteOrderMark = true
        /// Leaves cells exactly as received.
        ///
        /// Otherwise a cell that a spreadsheet would run as a formula gets an apostrophe before it, and invisible control
        /// characters become visible.
        public var isExact = false

        public init() {}
    }

    /// The header row.
    public static let columns = [
        "conversation", "id", "type", "time", "from", "from_name", "to", "text", "state", "standing",
        "filename",
        "bytes", "seconds", "latitude", "longitude", "attachment", "url", "versions", "edited_by",
        "edited_at",
        "recalled_by", "recalled_at", "delivered", "read", "read_count", "reactions", "pinned", "priority",
        "broadcast", "receivers", "online_only", "thread_of", "bundle_messages", "ext", "sequence",
        "captured_at",
        "sightings", "app", "delivery", "attempted", "checks", "pushes", "offline", "pinned_by", "pinned_at",
        "receipt_texts", "stated_time", "id_time", "out_of_order",
    ]

    private let file: OutputFile
    private let options: Options
    private var clock: ZonedClock
    private var name = ""
    private var participants: [UserID: String] = [:]

    public init(to file: OutputFile, options: Options = Options()) {
        self.file = file
        self.options = options
        clock = ZonedClock(options.timeZone)
    }

    public mutating func begin(_ header: TranscriptHeader) throws {
        try file.append { output in
            if options.byteOrderMark { output.append(contentsOf: [0xEF, 0xBB, 0xBF]) }
            output.append(utf8: Self.columns.joined(separator: ","))
            output.append(literal: "\r\n")
        }
    }

    public mutating func begin(_ conversation: ConversationSummary) throws {
        name = conversation.name
        participants = [:]
        for participant in conversation.participants {
            participants[participant.user] = participant.displayName
        }
    }

    public mutating func write(_ entry: TranscriptEntry) throws {
        try file.append { output in
            var row = CSVRow(isExact: options.isExact)
            switch entry {
            case .message(let message): append(message, to: &row, &output)
            case .notice(let notice): append(notice, to: &row, &output)
            case .hidden(let hidden): append(hidden, to: &row, &output)
            }
            row.end(columns: Self.columns.count, &output)
        }
    }

    public mutating func end(_ conversation: ConversationSummary) throws {}

    public mutating func finish() throws -> [WrittenFile] { [try file.finish()] }
}

// MARK: - Rows, cell by cell in the columns' order

extension CSVWriter {
    private mutating func append(_ message: TranscriptMessage, to row: inout CSVRow, _ output: inout [UInt8])
    {
        row.text(name, &output)
        row.text(message.id.rawValue, &output)
        row.text(message.body.type, &output)
        time(message.time, in: &row, &output)
        row.text(message.from?.user.rawValue, &output)
        row.text(message.from?.displayName, &output)
        row.text(message.to, &output)
        if let reason = message.withheld {
            row.text(Wording(.english).hidden(reason, clock: &clock), &output)
        } else {
            row.text(message.body.plainText, &output)
        }
        row.text(message.state.rawValue, &output)
        row.text(Self.standing(message.standing), &output)
        appendBody(message, to: &row, &output)
        appendHistory(of: message, to: &row, &output)
        row.text(message.reactions.map { "\($0.name)×\($0.count)" }.joined(separator: " "), &output)
        row.flag(message.isPinned, &output)
        row.text(message.priority?.rawValue, &output)
        row.flag(message.isBroadcast, &output)
        row.text(message.receivers?.map(\.rawValue).joined(separator: " "), &output)
        row.flag(message.isOnlineOnly, &output)
        row.text(message.thread?.parentMessage?.rawValue, &output)
        row.number(Self.bundledCount(message.bundle), &output)
        row.text(message.versions.last?.ext, &output)
        row.number(message.sequence, &output)
        time(message.capturedAt, in: &row, &output)
        row.text(
            message.sightings.map { "\($0.surface.rawValue)\($0.isPreSend ? "-pre" : ""):\($0.sequence)" }
                .joined(separator: " "), &output)
        row.text(message.app?.rawValue, &output)
        appendPlatform(message, to: &row, &output)
        time(message.statedTime == message.time ? nil : message.statedTime, in: &row, &output)
        time(message.disagreeingIDTime, in: &row, &output)
        row.flag(message.isOutOfOrder, &output)
    }

    /// The columns from `delivery` to `receipt_texts`.
    private mutating func appendPlatform(
        _ message: TranscriptMessage, to row: inout CSVRow, _ output: inout [UInt8]
    ) {
        let say = Wording(.english)
        let platform = message.platform
        row.text(message.delivery?.rawValue, &output)
        row.text(platform.attempts.map(\.body.plainText).joined(separator: "\n"), &output)
        let checks =
            platform.keywordAlerts.map(say.keywordAlert) + platform.moderations.map(say.moderation)
            + (platform.isContentReplaced ? ["Content replaced"] : [])
        row.text(checks.joined(separator: "\n"), &output)
        row.text(platform.pushes.map { say.push($0, name: \.rawValue) }.joined(separator: "\n"), &output)
        row.text(message.offline.map(\.rawValue).joined(separator: " "), &output)
        row.text(message.pin?.by?.rawValue, &output)
        time(message.pin?.time, in: &row, &output)
        let texts = message.receipts.read.compactMap { receipt in
            receipt.content.map { "\(receipt.user): \($0)" }
        }
        row.text(texts.joined(separator: "\n"), &output)
    }

    /// The columns `filename` to `url`.
    private func appendBody(_ message: TranscriptMessage, to row: inout CSVRow, _ output: inout [UInt8]) {
        let file = message.body.attachment
        row.text(file?.filename, &output)
        row.number(file?.fileLength, &output)
        row.number(file?.duration, &output)
        if case .location(let place) = message.body {
            row.number(place.latitude, &output)
            row.number(place.longitude, &output)
        } else {
            row.skip(2, &output)
        }
        switch message.attachment {
        case .stored(let sha256, _): row.text("sha256:\(sha256)", &output)
        case .missing(let reason, _): row.text("missing: \(reason)", &output)
        case nil: row.skip(1, &output)
        }
        row.text(file?.url, &output)
    }

    /// The columns `versions` to `read_count`.
    private mutating func appendHistory(
        of message: TranscriptMessage, to row: inout CSVRow, _ output: inout [UInt8]
    ) {
        row.text(message.versions.dropLast().map(\.body.plainText).joined(separator: "\n"), &output)
        let edit = message.versions.last.flatMap { $0.isEdit ? $0 : nil }
        row.text(edit?.editor?.rawValue, &output)
        time(edit?.time, in: &row, &output)
        row.text(message.recall?.by?.rawValue, &output)
        time(message.recall?.time, in: &row, &output)
        row.text(list(message.receipts.delivered), &output)
        row.text(list(message.receipts.read), &output)
        row.number(message.receipts.readCount, &output)
    }

    private mutating func append(_ notice: TranscriptNotice, to row: inout CSVRow, _ output: inout [UInt8]) {
        let operation = notice.operation
        row.text(name, &output)
        row.skip(1, &output)
        row.text("notice:\(operation.change.rawValue)", &output)
        time(notice.time, in: &row, &output)
        row.text(operation.by?.rawValue, &output)
        row.text(operation.by.flatMap { participants[$0] }, &output)
        row.text(operation.members.map(\.rawValue).joined(separator: " "), &output)
        let until = operation.expires.map { clock.minuteText($0) }
        row.text(Wording(.english).notice(operation, until: until, name: \.rawValue), &output)
        row.skip(1, &output)
        row.text(operation.succeeded ? "done" : "refused", &output)
        row.skip(24, &output)
        row.number(notice.sequence, &output)
    }

    private mutating func append(_ hidden: HiddenMessage, to row: inout CSVRow, _ output: inout [UInt8]) {
        row.text(name, &output)
        row.text(hidden.id.rawValue, &output)
        row.text("hidden:\(hidden.reason.name)", &output)
        time(hidden.time, in: &row, &output)
        row.text(hidden.from?.rawValue, &output)
        row.text(hidden.from.flatMap { participants[$0] }, &output)
        row.skip(1, &output)
        row.text(Wording(.english).hidden(hidden.reason, clock: &clock), &output)
        row.skip(26, &output)
        row.number(hidden.sequence, &output)
    }

    private mutating func time(_ instant: Instant?, in row: inout CSVRow, _ output: inout [UInt8]) {
        guard let instant else { return row.skip(1, &output) }
        row.plain(&output) { clock.appendRFC3339(instant, to: &$0) }
    }

    private mutating func list(_ receipts: [Receipt]) -> String {
        var output: [UInt8] = []
        for (index, receipt) in receipts.enumerated() {
            if index > 0 { output.append(UInt8(ascii: " ")) }
            output.append(utf8: receipt.user.rawValue)
            guard let time = receipt.time else { continue }
            output.append(UInt8(ascii: "@"))
            clock.appendRFC3339(time, to: &output)
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func standing(_ standing: TranscriptMessage.Standing) -> String {
        switch standing {
        case .sent: "sent"
        case .attempted: "attempted"
        case .refused(let code, let reason): "refused: \(code.map { "\($0) " } ?? "")\(reason)"
        }
    }

    private static func bundledCount(_ bundle: BundleContent?) -> Int? {
        guard case .messages(let messages) = bundle else { return nil }
        return messages.count
    }
}
