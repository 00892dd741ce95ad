// SPDX-License-Identifier: Apache-2.0

import SteleEvents

// Whose client a session is. The SDK leaves the sender out of what is to be sent, so a send that was refused names nobody:
// the answers to other sends of the same session do. Either may be told first.
extension Fold {
    /// Notes that a session's client is `user`'s: the server says who sent what the client sent.
    mutating func own(_ user: UserID, _ origin: Origin) throws {
        guard origin.session != 0 else { return }
        let insert = try facts.statement("INSERT OR IGNORE INTO session_users VALUES(?, ?)")
        insert.put(origin.session)
        insert.put(try names.number(of: user))
        guard try insert.run() else { return }
        for refusal in try refusals(in: origin.session) {
            try join(
                StoredMessage.decode(refusal.message), refusal.reference, refusal.localID, refusal.outcome,
                refusal.origin, isKnown: true)
        }
    }

    /// A message as each user of the session would have sent it; as it is when its sender is told, or nobody's.
    func signed(_ message: Message, _ origin: Origin) throws -> [Message] {
        guard message.from == nil, origin.session != 0 else { return [message] }
        let find = try facts.statement(
            "SELECT name FROM session_users AS s JOIN users AS u ON u.n = s.user WHERE s.session = ?")
        find.put(origin.session)
        let users = try find.all { UserID($0.text(0)) }
        guard !users.isEmpty else { return [message] }
        return users.map { user in
            var signed = message
            signed.from = user
            if signed.conversation == nil, !signed.to.isEmpty {
                // Groups, rooms and threads are known without their sender.
                signed.conversation = .chat(user, UserID(signed.to))
            }
            return signed
        }
    }

    private struct Refusal {
        let message: [UInt8]
        let reference: String?
        let localID: String?
        let outcome: CallOutcome
        let origin: Origin
    }

    /// Sends of a session that were refused, with the answer on the same line or on one that names the call.
    private func refusals(in session: Int64) throws -> [Refusal] {
        let find = try facts.statement(
            """
            SELECT o.resolved, o.local_id, o.message_id, o.code, o.reason, o.time, o.app, o.message,
                c.message, c.reference, c.local_id, c.time, c.app, max(c.seq, o.seq)
            FROM calls AS c JOIN call_outcomes AS o ON o.session = c.session AND o.reference = c.reference
            WHERE c.session = ? AND c.name = 'send' AND o.resolved = 0
                AND (c.reference <> '' OR c.seq = o.seq)
            """)
        find.put(session)
        return try find.all { row in
            let known = KnownOutcome(row)
            return Refusal(
                message: row.blob(8), reference: row.filledText(9), localID: row.filledText(10),
                outcome: known.outcome,
                origin: Origin(
                    sequence: row.int(13), capturedAt: 0, surface: .sdk, how: 0, session: session,
                    app: known.app != 0 ? known.app : row.int(12),
                    time: known.time != 0 ? known.time : row.int(11)))
        }
    }
}
