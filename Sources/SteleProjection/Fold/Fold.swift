// SPDX-License-Identifier: Apache-2.0

import GRDB
import SteleEvents

/// Folds records into the views: each changes the rows so that the result does not depend on the order of the records.
///
/// What does depend on it, and is left out of every promise of sameness: sequences and capture times; and the time of a
/// message or an event for which neither surface nor id tells one.
///
/// Lives on one connection, inside its transactions; after a rollback it is thrown away, for its maps would be wrong.
struct Fold {
    let database: Database
    var names: Interner
    let messages: MessageTable
    let appless: MessageTable
    var tallies: TallyBoard
    var audience: AudienceBoard
    var coverage: CoverageBoard
    var arrivals: Arrivals
    var search = SearchQueue()
    var editSearch = SearchQueue()
    /// Where texts are indexed.
    private let index: (SearchBatch, SearchTable) throws -> Void
    let facts: Facts
    let hotSighting: SQLStatement

    /// A fold into the tables of `database`; with a builder, texts are indexed by it instead.
    init(_ database: Database, search builder: SearchBuilder? = nil) throws {
        self.database = database
        names = try Interner(database)
        messages = try MessageTable(database, "messages")
        appless = try MessageTable(database, "appless")
        tallies = try TallyBoard(database)
        audience = try AudienceBoard(database)
        coverage = try CoverageBoard(database)
        arrivals = try Arrivals(database)
        if let builder {
            index = { try builder.write($0, to: $1) }
        } else {
            let own = try SearchIndex(database)
            index = { try own.write($0, to: $1) }
        }
        facts = Facts(database)
        hotSighting = try SQLStatement(
            database,
            "INSERT OR IGNORE INTO sightings(target, seq, app, at, how, session) VALUES(?, ?, ?, ?, ?, ?)")
    }

    /// What the fold knows of the record an event came in.
    struct Origin {
        var sequence: Int64
        var capturedAt: Int64
        var surface: Surface
        var how: Int64
        var session: Int64
        var app: Int64
        /// The event's time by the platform's clock; 0 when not told.
        var time: Int64
        /// When it happened as far as anybody can tell: by the platform's clock, else when it was captured.
        var shown: Int64 { time != 0 ? time : capturedAt }
    }

    mutating func apply(_ record: FoldInput) throws {
        switch record {
        case .event(let decoded): try apply(decoded.record.event, of: decoded)
        case .unreadable(let sequence, let reason):
            try quarantine(Int64(sequence), at: 0, how: 0, reason)
        }
    }

    /// Ends a batch: writes what was gathered.
    mutating func flush(recounts: Bool) throws {
        try tallies.flush(recounts: recounts)
        try audience.flush()
        try coverage.flush()
        try arrivals.flush()
        if let batch = search.take() { try index(batch, .messages) }
        if let batch = editSearch.take() { try index(batch, .edits) }
    }

    /// Writes what was gathered when it has grown large; for loads without end.
    ///
    /// With `all`, texts are handed on however few they are.
    mutating func relieve(all: Bool = false) throws {
        if tallies.isFull { try tallies.flush(recounts: false) }
        if audience.isFull { try audience.flush() }
        if coverage.isFull { try coverage.flush() }
        if arrivals.isFull { try arrivals.flush() }
        if all || search.isFull, let batch = search.take() { try index(batch, .messages) }
        if all || editSearch.isFull, let batch = editSearch.take() { try index(batch, .edits) }
    }

    private mutating func apply(_ event: Event, of decoded: DecodedRecord) throws {
        if case .batch(let events) = event.kind {
            for event in events { try apply(event, of: decoded) }
            return
        }
        let origin = Origin(
            sequence: Int64(decoded.record.sequence), capturedAt: decoded.record.capturedAt.microseconds,
            surface: decoded.record.surface,
            how: How.code(
                decoded.record.surface, decoded.record.flow, isPreSend: decoded.record.isPreSend),
            session: try names.number(ofSession: decoded.record.session),
            app: try names.number(of: event.app ?? decoded.record.app), time: event.time?.microseconds ?? 0)
        noteSign(origin)
        try apply(event, origin)
    }

    private mutating func apply(_ event: Event, _ origin: Origin) throws {
        switch event.kind {
        case .message(let message): try apply(message, id: event.id, origin)
        case .edit(let edit): try apply(edit, origin)
        case .recall(let recall): try apply(recall, origin)
        case .read(let receipt): try apply(receipt, origin)
        case .conversationRead(let read): try apply(read, origin)
        case .delivered(let receipt): try apply(receipt, origin)
        case .reactions(let state): try apply(state, origin)
        case .thread(let change): try apply(change, origin)
        case .pin(let change): try apply(change, origin)
        case .group(let operation): try apply(operation, origin)
        case .contact(let change): try apply(change, origin)
        case .login(let change): try apply(change, origin)
        case .presence(let presences): try apply(presences, origin)
        case .keywordAlert(let alert): try apply(alert, origin)
        case .moderation(let moderation): try apply(moderation, origin)
        case .push(let result): try apply(result, origin)
        case .multiDevice(let change):
            let place = change.conversation?.description ?? change.peer.map { "chat with \($0)" }
            try sessionEvent("device", [change.operation, place].joined(), origin)
        case .statistic(let counts):
            for count in counts { try readCount(count, origin) }
        case .call(let call): try apply(call, origin)
        case .callOutcome(let reference, let outcome): try apply(outcome, reference: reference, origin)
        case .accepted(let localID, let messageID): try accepted(localID, messageID, origin)
        case .connection(let name, let detail):
            try sessionEvent("connection", [name, detail].joined(), origin)
        case .bundleFile(let file): try apply(file, origin)
        case .attachment(let fetch): try apply(fetch, origin)
        case .fetching(let change): try apply(change, origin)
        case .historyHour(let hour): try apply(hour, origin)
        case .frame(let type, _): try sessionEvent("frame", type, origin)
        case .repeated(let name): try sessionEvent("repeated", name, origin)
        case .unknown(let reason):
            try quarantine(origin.sequence, at: origin.capturedAt, how: origin.how, reason)
        case .batch(let events): for event in events { try apply(event, origin) }
        }
    }

    func quarantine(_ sequence: Int64, at: Int64, how: Int64, _ reason: String) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO quarantine VALUES(?, ?, ?, ?)")
        insert.put(sequence)
        insert.put(at)
        insert.put(how)
        insert.put(reason)
        try insert.run()
    }
}

/// A decoded record on its way from thread to thread: hundreds of bytes and many references, which are not copied.
final class DecodedRecord: Sendable {
    let record: RecordedEvent

    init(_ record: consuming RecordedEvent) { self.record = record }
}

/// One line of the log, decoded or not.
enum FoldInput: Sendable {
    case event(DecodedRecord)
    /// Why no event could be made of a line, or of a part of the log that is damaged.
    case unreadable(sequence: UInt64, reason: String)
}

/// Statements by their text, prepared when first used.
final class Facts {
    private let database: Database
    private var statements: [String: SQLStatement] = [:]

    init(_ database: Database) { self.database = database }

    func statement(_ sql: String) throws -> SQLStatement {
        if let statement = statements[sql] { return statement }
        let statement = try SQLStatement(database, sql)
        statements[sql] = statement
        return statement
    }
}

extension [String?] {
    /// The texts that are there, with a space between them.
    fileprivate func joined() -> String { compactMap(\.self).joined(separator: " ") }
}
