// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// Messages whose attachments are not in the archive.
struct LackingAttachments {
    var messages = 0
    /// Of them, those of which a try to get one failed.
    var failed = 0
    var first: Instant
    var last: Instant
    /// The first ones.
    var ids: [MessageID] = []
}

extension ViewsReader {
    /// The messages of a span with attachments that were neither stored nor found expired; nil without any.
    ///
    /// Reads the span's messages, one after the other.
    func messagesLackingAttachments(
        _ scope: AppScope, from: Instant, to: Instant, limit: Int
    ) throws -> LackingAttachments? {
        let rows = try messages(
            "m.id, m.type, m.text, m.detail", of: scope, from: from, to: to, where: Schema.typesWithFiles)
        defer { rows.reset() }
        var lacking: LackingAttachments?
        while try rows.step() {
            let body = StoredBody(type: rows.text(3), text: rows.text(4), detail: rows.blob(5)).body
            guard let uuid = body.attachment?.uuid, let hasFailed = try isLacking(uuid) else { continue }
            let time = Instant(microseconds: rows.int(0))
            var sum = lacking ?? LackingAttachments(first: time, last: time)
            sum.messages += 1
            if hasFailed { sum.failed += 1 }
            sum.last = time
            if sum.ids.count < limit { sum.ids.append(MessageID(rows.text(2))) }
            lacking = sum
        }
        return lacking
    }

    /// Whether a try failed of an attachment that may still be had; nil when it is stored or gone.
    private func isLacking(_ uuid: String) throws -> Bool? {
        let find = try statement("SELECT outcome FROM attachments WHERE uuid = ? AND part = 'file'")
        find.put(uuid.lowercased())
        let outcomes = try find.all { $0.text(0) }
        return outcomes.contains("stored") || outcomes.contains("expired") ? nil : !outcomes.isEmpty
    }
}
