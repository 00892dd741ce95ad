// SPDX-License-Identifier: Apache-2.0

import SteleEvents

// What a client asked its SDK for, and what became of it. A send and its answer may come on two lines, in either order:
// both are kept, and each pair that belongs together is one sighting of the message.
extension Fold {
    mutating func apply(_ call: Call, _ origin: Origin) throws {
        let message = call.message.map(StoredMessage.encode) ?? []
        let insert = try facts.statement("INSERT OR IGNORE INTO calls VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(origin.session)
        insert.put(call.reference ?? "")
        insert.put(call.name)
        insert.put(call.localID ?? "")
        insert.put(origin.time)
        insert.put(origin.app)
        insert.put(blob: message)
        insert.put(origin.sequence)
        try insert.run()
        if let outcome = call.outcome {
            try keep(outcome, reference: call.reference ?? "", origin)
            if call.isSend { try join(call.message, call.reference, call.localID, outcome, origin) }
            return
        }
        guard let reference = call.reference, call.isSend else { return }
        let find = try facts.statement(
            """
            SELECT resolved, local_id, message_id, code, reason, time, app, message FROM call_outcomes
            WHERE session = ? AND reference = ?
            """)
        find.put(origin.session)
        find.put(reference)
        for known in try find.all(KnownOutcome.init) {
            try join(
                call.message, reference, call.localID, known.outcome,
                origin.at(
                    known.time, fallback: origin.time, app: origin.app != 0 ? origin.app : known.app))
        }
    }

    mutating func apply(_ outcome: CallOutcome, reference: String, _ origin: Origin) throws {
        try keep(outcome, reference: reference, origin)
        let find = try facts.statement(
            "SELECT name, local_id, message, time, app FROM calls WHERE session = ? AND reference = ?")
        find.put(origin.session)
        find.put(reference)
        let known = try find.all { row in
            (
                name: row.text(0), localID: row.text(1), message: row.blob(2), time: row.int(3),
                app: row.int(4)
            )
        }
        for call in known where call.name == Call.send {
            try join(
                StoredMessage.decode(call.message), reference, call.localID.isEmpty ? nil : call.localID,
                outcome,
                origin.at(
                    outcome.serverTime, fallback: call.time, app: call.app != 0 ? call.app : origin.app))
        }
    }

    private mutating func keep(_ outcome: CallOutcome, reference: String, _ origin: Origin) throws {
        let insert = try facts.statement(
            "INSERT OR IGNORE INTO call_outcomes VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(origin.session)
        insert.put(reference)
        switch outcome {
        case .resolved(let localID, let messageID, let message, _):
            insert.put(true)
            insert.put(localID ?? "")
            insert.put(messageID?.rawValue ?? "")
            insert.put(0)
            insert.put("")
            insert.put(outcome.serverTime)
            insert.put(origin.app)
            insert.put(blob: message.map(StoredMessage.encode) ?? [])
        case .rejected(let code, let reason, let localID, let messageID):
            insert.put(false)
            insert.put(localID ?? "")
            insert.put(messageID?.rawValue ?? "")
            insert.put(code ?? 0)
            insert.put(reason)
            insert.put(outcome.serverTime)
            insert.put(origin.app)
            insert.put(blob: [])
        }
        insert.put(origin.sequence)
        try insert.run()
    }

    /// A send and its answer, together: a message that was sent, or one that was refused.
    ///
    /// `isKnown` says that the two were joined before, and who sent it has been learnt since.
    mutating func join(
        _ asked: Message?, _ reference: String?, _ localID: String?, _ outcome: CallOutcome, _ origin: Origin,
        isKnown: Bool = false
    ) throws {
        switch outcome {
        case .resolved(_, let messageID?, let made, _):
            guard var message = made ?? asked else { return }
            if let sender = made?.from { try own(sender, origin) }
            if let asked {
                message.takeWhatOnlyTheSenderKnows(from: asked)
                if !StoredBody(asked.body).saysTheSame(as: StoredBody(message.body)) {
                    try attempt(asked, try names.key(of: messageID), origin)
                }
            }
            try sight(message, id: messageID, rank: MessageState.Rank.client, standing: .sent, origin)
        case .rejected(let code, let reason, let outcomeLocalID, let messageID):
            guard let asked else { return }
            let id: MessageID
            if let messageID {
                id = messageID
            } else {
                // Of a send that got no id at all, the time is the only thing to tell it by.
                let local = outcomeLocalID ?? localID ?? reference ?? "@\(origin.time)"
                id = MessageID("local:\(try sessionName(origin.session)):\(local)")
            }
            for message in try signed(asked, origin) {
                try sight(
                    message, id: id, rank: MessageState.Rank.refused, standing: .refused, origin,
                    isKnown: isKnown)
            }
            let insert = try facts.statement("INSERT OR IGNORE INTO refusals VALUES(?, ?, ?, ?, ?, ?)")
            insert.put(try names.key(of: id))
            insert.put(origin.app)
            insert.put(origin.time)
            insert.put(code ?? 0)
            insert.put(reason)
            insert.put(origin.sequence)
            try insert.run()
        case .resolved: return
        }
    }

    private func sessionName(_ session: Int64) throws -> String {
        let find = try facts.statement("SELECT name FROM sessions WHERE n = ?")
        find.put(session)
        return try find.first { $0.text(0) } ?? ""
    }

    func accepted(_ localID: String, _ messageID: MessageID?, _ origin: Origin) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO acceptances VALUES(?, ?, ?, ?)")
        insert.put(origin.session)
        insert.put(localID)
        insert.put(messageID?.rawValue ?? "")
        insert.put(origin.sequence)
        try insert.run()
    }
}

extension Call {
    /// The one call that makes a message: what is created is only known to this client, and what is modified or
    /// recalled is told by an event of its own.
    fileprivate static let send = "send"
    fileprivate var isSend: Bool { name == Self.send }
}

/// A row of `call_outcomes` that a call found waiting.
struct KnownOutcome {
    let outcome: CallOutcome
    let time: Int64
    let app: Int64

    init(_ row: SQLStatement) {
        func text(_ column: Int32) -> String? {
            let text = row.text(column)
            return text.isEmpty ? nil : text
        }
        let id = text(2).map { MessageID($0) }
        time = row.int(5)
        app = row.int(6)
        if row.int(0) == 1 {
            outcome = .resolved(
                localID: text(1), messageID: id, message: StoredMessage.decode(row.blob(7)),
                time: time == 0 ? nil : Instant(microseconds: time))
        } else {
            let code = Int(row.int(3))
            outcome = .rejected(
                code: code == 0 ? nil : code, reason: row.text(4), localID: text(1), messageID: id)
        }
    }
}

extension CallOutcome {
    /// In microseconds; 0 when the answer tells none.
    fileprivate var serverTime: Int64 {
        switch self {
        case .resolved(_, _, _, let time): time?.microseconds ?? 0
        case .rejected: 0
        }
    }
}

extension Fold.Origin {
    /// The same record, with the time and app that a call and its answer tell together: the call's app before the
    /// answer's, whichever came first.
    fileprivate func at(_ time: Int64, fallback: Int64, app: Int64) -> Self {
        var copy = self
        copy.time = time != 0 ? time : fallback
        copy.app = app
        return copy
    }
}

extension Message {
    /// Receivers, priority, online-only and thread are in the call; what the server made of it does not show them.
    fileprivate mutating func takeWhatOnlyTheSenderKnows(from asked: Message) {
        receivers = receivers ?? asked.receivers
        priority = priority ?? asked.priority
        thread = thread ?? asked.thread
        isOnlineOnly = isOnlineOnly || asked.isOnlineOnly
        wantsGroupReceipt = wantsGroupReceipt || asked.wantsGroupReceipt
        if conversation == nil { conversation = asked.conversation }
        if to.isEmpty { to = asked.to }
        if from == nil { from = asked.from }
    }
}
