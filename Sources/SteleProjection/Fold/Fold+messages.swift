// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents

extension Fold {
    mutating func apply(_ message: Message, id: MessageID?, _ origin: Origin) throws {
        guard let id else {
            return try quarantine(
                origin.sequence, at: origin.capturedAt, how: origin.how, "a message without an id")
        }
        let rank: Int64 =
            switch (message.stage, origin.surface) {
            case (.attempted, _): MessageState.Rank.preSend
            case (.offline, _): MessageState.Rank.offline
            case (.retold, _): MessageState.Rank.retold
            case (.sent, .callback), (.sent, .switchboard), (.sent, .attachment): MessageState.Rank.callback
            case (.sent, .history): MessageState.Rank.history
            case (.sent, .sdk), (.sent, .msync): MessageState.Rank.client
            }
        let standing: MessageState.Standing = message.stage == .attempted ? .attempted : .sent
        try sight(message, id: id, rank: rank, standing: standing, origin)
        switch message.stage {
        case .offline(let receiver): try offline(receiver, message, id, origin)
        case .attempted: try attempt(message, try names.key(of: id), origin)
        case .sent, .retold: break
        }
    }

    /// A message waits for a receiver who was offline; in a group or room, whoever it waits for is a member.
    private mutating func offline(
        _ receiver: UserID, _ message: Message, _ id: MessageID, _ origin: Origin
    ) throws {
        let user = try names.number(of: receiver)
        let insert = try facts.statement("INSERT OR IGNORE INTO offline VALUES(?, ?, ?)")
        insert.put(try names.key(of: id))
        insert.put(origin.app)
        insert.put(user)
        try insert.run()
        guard let conversation = message.conversation, conversation.kind != .chat else { return }
        audience.add(
            user, to: try names.number(of: conversation, isDecided: !message.isGroupOrRoomUndecided),
            app: origin.app, at: origin.time)
    }

    /// Notes that a record showed a message; `isKnown` for a sighting that was noted, and tells more now.
    mutating func sight(
        _ message: Message, id: MessageID, rank: Int64, standing: MessageState.Standing, _ origin: Origin,
        isKnown: Bool = false
    ) throws {
        let target = try names.key(of: id)
        let source = SourceSet(
            origin.surface, message.stage, isEdit: rank == MessageState.Rank.edit)
        var state = MessageState(
            key: target, target: target, id: id, app: origin.app, conversation: 0,
            sender: try names.number(of: message.from), recipient: message.to, body: StoredBody(message.body),
            ext: message.ext, stated: origin.time, contentTime: origin.time, standing: standing,
            flags: message.flags.union(.init(source)), ranks: MessageState.Ranks(rank),
            sequence: origin.sequence,
            capturedAt: origin.capturedAt, how: origin.how, session: origin.session)
        if let conversation = message.conversation {
            state.conversation = try names.number(
                of: conversation, isDecided: !message.isGroupOrRoomUndecided)
            if message.from == nil { state.ranks.address += MessageState.Rank.senderless }
        } else {
            state.ranks.address += MessageState.Rank.nothing
        }
        if origin.time == 0 { state.ranks.stated += MessageState.Rank.nothing }
        state.chooseTime()
        if try arrivals.isLate(state.time, in: state.conversation, app: state.app) { state.how |= How.late }
        try fold(state, isKnown: isKnown)
        try applyBeside(message, target, origin)
    }

    /// Puts a state into its row, new or merged with what is known.
    private mutating func fold(_ state: MessageState, isKnown: Bool) throws {
        if try messages.add(state) {
            tallies.add(state)
            coverage.add(state)
            search.add(state.key, state.body)
            return
        }
        guard let known = try messages.row(state.target) else { return }
        if !isKnown { try addSighting(state) }
        if state.app == 0 {
            try foldAppless(state, known)
        } else if known.app == state.app {
            try merge(state, into: known)
        } else if known.app == 0 {
            // The records so far named no app; should another app's message have this id too, they are its as well.
            try appless.put(known)
            try merge(state, into: known)
        } else {
            try foldAlternate(state)
        }
    }

    /// A record that names no app tells of every message with its id.
    private mutating func foldAppless(_ state: MessageState, _ known: MessageState) throws {
        if known.app != 0 {
            if var kept = try appless.row(state.target) {
                try kept.merge(state, addressPrecedes: addressPrecedes)
                try appless.put(kept)
            } else {
                try appless.put(state)
            }
        }
        try merge(state, into: known)
        let find = try facts.statement("SELECT n FROM alternates WHERE target = ?")
        find.put(state.target)
        for key in try find.all({ $0.int(0) }) {
            guard let alternate = try messages.row(key) else { continue }
            try merge(state, into: alternate)
        }
    }

    /// Two apps gave one id: the later app's message has a row of its own.
    private mutating func foldAlternate(_ state: MessageState) throws {
        let find = try facts.statement("SELECT n FROM alternates WHERE target = ? AND app = ?")
        find.put(state.target)
        find.put(state.app)
        if let key = try find.first({ $0.int(0) }), let known = try messages.row(key) {
            return try merge(state, into: known)
        }
        var alternate = state
        if let kept = try appless.row(state.target) {
            try alternate.merge(kept, addressPrecedes: addressPrecedes)
        }
        alternate.key = try names.keyForAlternate()
        let insert = try facts.statement("INSERT INTO alternates VALUES(?, ?, ?)")
        insert.put(state.target)
        insert.put(state.app)
        insert.put(alternate.key)
        try insert.run()
        try messages.put(alternate)
        tallies.add(alternate)
        coverage.add(alternate)
        search.add(alternate.key, alternate.body)
    }

    private mutating func merge(_ state: MessageState, into known: MessageState) throws {
        var merged = known
        try merged.merge(state, addressPrecedes: addressPrecedes)
        try messages.put(merged)
        tallies.change(from: known, to: merged)
        coverage.change(from: known, to: merged)
        if merged.body != known.body { search.change(known.key, from: known.body, to: merged.body) }
    }

    private func addSighting(_ state: MessageState) throws {
        hotSighting.put(state.target)
        hotSighting.put(state.sequence)
        hotSighting.put(state.app)
        hotSighting.put(state.capturedAt)
        hotSighting.put(state.how & ~How.late)
        hotSighting.put(state.session)
        try hotSighting.run()
    }

    /// Order of two addresses by names, for numbers tell who came first.
    private func addressPrecedes(_ one: MessageState, _ other: MessageState) throws -> Bool {
        let find = try facts.statement(
            """
            SELECT ifnull((SELECT family || key FROM conversations WHERE n = ?), '~'),
                   ifnull((SELECT name FROM users WHERE n = ?), '~')
            """)
        func text(_ state: MessageState) throws -> String {
            find.put(state.conversation)
            find.put(state.sender)
            let found = try find.first { $0.text(0) + "\u{0}" + $0.text(1) } ?? ""
            return found + "\u{0}" + state.recipient
        }
        return try text(one).utf8.lexicographicallyPrecedes(text(other).utf8)
    }

    // MARK: What stands beside a message

    private mutating func applyBeside(_ message: Message, _ target: Int64, _ origin: Origin) throws {
        for receiver in message.receivers ?? [] {
            let insert = try facts.statement("INSERT OR IGNORE INTO receivers VALUES(?, ?, ?)")
            insert.put(target)
            insert.put(origin.app)
            insert.put(try names.number(of: receiver))
            try insert.run()
        }
        if let thread = message.thread {
            let insert = try facts.statement("INSERT OR IGNORE INTO thread_references VALUES(?, ?, ?, ?, ?)")
            insert.put(target)
            insert.put(origin.app)
            insert.put(thread.parentMessage?.rawValue ?? "")
            insert.put(thread.parentGroup ?? "")
            insert.put(thread.name ?? "")
            try insert.run()
        }
        if let reactions = message.reactions, !reactions.isEmpty {
            try react(target, reactions, origin)
        }
        if let sender = message.from, let ext = message.ext, let name = DisplayName.find(inExtension: ext) {
            try tell(name, of: try names.number(of: sender), in: "display_names", origin)
        }
    }

    // MARK: Edits

    mutating func apply(_ edit: Edit, _ origin: Origin) throws {
        let target = try names.key(of: edit.target)
        // The edit also shows that the message exists, and where: its original may never be seen.
        var shown = origin
        shown.time = edit.sentAt?.microseconds ?? 0
        try sight(edit.message, id: edit.target, rank: MessageState.Rank.edit, standing: .sent, shown)
        let body = StoredBody(edit.message.body)
        let insert = try facts.statement(
            """
            INSERT OR IGNORE INTO edits(target, app, count, time, editor, rank, type, text, detail, ext, seq)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING n
            """)
        insert.put(target)
        insert.put(origin.app)
        insert.put(edit.count ?? 0)
        insert.put(edit.editedAt?.microseconds ?? origin.time)
        insert.put(try names.number(of: edit.operator))
        insert.put(origin.surface == .callback ? 0 as Int64 : 1)
        insert.put(body.type)
        insert.put(body.text)
        insert.put(blob: body.detail)
        insert.put(edit.message.ext ?? "")
        insert.put(origin.sequence)
        if let number = try insert.first({ $0.int(0) }) { editSearch.add(number, body) }
    }
}

extension Message {
    /// The bits of a row that sightings add up to.
    var flags: MessageState.Flags {
        var flags: MessageState.Flags = []
        if isBroadcast { flags.insert(.broadcast) }
        if isOnlineOnly { flags.insert(.onlineOnly) }
        if wantsGroupReceipt { flags.insert(.wantsGroupReceipt) }
        if isContentReplaced { flags.insert(.contentReplaced) }
        if receivers?.isEmpty == false { flags.insert(.targeted) }
        if thread != nil { flags.insert(.inThread) }
        switch priority {
        case .high: flags.insert(.high)
        case .normal: flags.insert(.normal)
        case .low: flags.insert(.low)
        case nil: break
        }
        return flags
    }
}

/// The name under which a sender wants to be shown.
package enum DisplayName {
    /// The nickname that the platform's UI kits put into a message's extension object.
    package static func find(inExtension ext: String) -> String? {
        // Most extensions have none: a look at the bytes spares the parsing.
        guard ext.utf8.count > 30, mentionsUserInfo(ext),
            // An extension object is JSON that was checked with its payload.
            let info = try? JSONDocument(text: ext).root["ease_chat_uikit_user_info"],
            let name = info["nickname"]?.string, !name.isEmpty
        else { return nil }
        return name
    }

    private static let userInfo: StaticString = "ease_chat_uikit_user_info"

    /// Whether the member's name stands anywhere; looked for from underscore to underscore, of which there are few.
    private static func mentionsUserInfo(_ ext: String) -> Bool {
        var ext = ext
        return ext.withUTF8 { text in
            guard let base = text.baseAddress else { return false }
            var position = 0
            while let found = memchr(base + position, Int32(UInt8(ascii: "_")), text.count - position) {
                let underscore = UnsafeRawPointer(found) - UnsafeRawPointer(base)
                let start = underscore - 4
                if start >= 0, start + userInfo.utf8CodeUnitCount <= text.count,
                    memcmp(base + start, userInfo.utf8Start, userInfo.utf8CodeUnitCount) == 0
                {
                    return true
                }
                position = underscore + 1
            }
            return false
        }
    }
}
