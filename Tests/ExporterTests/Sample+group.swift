// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// A study group: notices, a targeted message, group receipts, a reaction by several.
enum StudyGroup {
    static let id = ConversationID(kind: .group, key: "262142537728001")
    private static let mei = Participant(user: UserID("mei"), displayName: "梅姐")
    private static let jun = Participant(user: UserID("jun"))
    private static let tao = Participant(user: UserID("tao_w"), displayName: "Tao Wang")

    static let conversation: (summary: ConversationSummary, entries: [TranscriptEntry]) = {
        var script = Script(id, from: 30)
        script.note(Sample.at(19, 20, 0), .created, "CREATE", by: mei.user)
        script.note(Sample.at(19, 20, 1), .joined, "JOIN/INVITE", by: mei.user, [jun.user, tao.user])
        script.say(mei, to: id.key, Sample.at(19, 20, 2), .text("欢迎大家！每周三晚上八点，线上见。")) {
            $0.receipts.readCount = 2
            $0.receipts.read = [Receipt(user: jun.user, time: Sample.at(19, 20, 2, 40), content: "收到 👌")]
            $0.wantsReceipts = true
            $0.delivery = .seen
            $0.isPinned = true
            $0.pin = PinMark(by: mei.user, time: Sample.at(19, 20, 9))
            $0.startedThreads = [
                StartedThread(id: ConversationID(kind: .thread, key: "262142537728099"), name: "自我介绍")
            ]
            $0.reactions = [
                Reaction(name: "🎉", users: [jun.user, tao.user], count: 2),
                Reaction(name: "赞", users: [tao.user], count: 1),
            ]
        }
        script.say(jun, to: id.key, Sample.at(19, 20, 3), .text("Hello from Chengdu 🐼")) {
            $0.thread = ThreadReference(parentMessage: nil, parentGroup: id.key, name: "自我介绍")
        }
        script.say(mei, to: id.key, Sample.at(19, 20, 4), .text("你俩的书我寄出了，单号明天发。")) {
            $0.receivers = [jun.user]
            $0.isOnlineOnly = true
        }
        script.note(
            Sample.at(19, 20, 5), .announcement, "UPDATE/ANNOUNCEMENT", by: mei.user, text: "第三章，读到 96 页")
        script.say(jun, to: id.key, Sample.at(19, 20, 5, 20), .text("The *** is in the shared files.")) {
            $0.delivery = .unseen
            $0.offline = [tao.user]
            $0.platform.attempts = [
                Attempt(
                    body: .text("The pirated PDF is in the shared files."), time: Sample.at(19, 20, 5, 19))
            ]
            $0.platform.isContentReplaced = true
            $0.platform.keywordAlerts = [
                KeywordMark(
                    time: Sample.at(19, 20, 5, 20), status: "replace", reason: "replaced",
                    words: ["pirated PDF"])
            ]
            $0.platform.moderations = [
                ModerationMark(
                    time: Sample.at(19, 20, 5, 20), result: "EXCHANGE", provider: "REVIEWED", risk: "版权",
                    text: "The pirated PDF is in the shared files.", url: nil)
            ]
            $0.platform.pushes = [
                PushMark(
                    user: tao.user, time: Sample.at(19, 20, 5, 22), status: "fail", channel: "APNS",
                    detail: "no push binding", device: nil, answer: nil)
            ]
        }
        script.say(nil, to: id.key, Sample.at(19, 20, 6), .unknown(type: "live_card"))
        script.say(tao, to: id.key, Sample.at(19, 20, 6, 30), .text("I only know this message by its edit."))
        {
            $0.versions[0].isEdit = true
            $0.versions[0].editor = tao.user
        }
        return (
            ConversationSummary(
                id: id, app: Sample.app, name: id.description, title: "周三读书会 · Wednesday Readers",
                participants: [jun, mei, tao], messageCount: 6, first: Sample.at(19, 20, 2),
                last: Sample.at(19, 20, 6, 30)), script.entries
        )
    }()
}

/// A live room: priorities and a broadcast.
enum LiveRoom {
    static let id = ConversationID(kind: .room, key: "270018")

    static let conversation: (summary: ConversationSummary, entries: [TranscriptEntry]) = {
        let host = Participant(user: UserID("host"))
        var script = Script(id, from: 50)
        script.say(host, to: id.key, Sample.at(20, 19, 0), .text("直播开始！")) {
            $0.priority = .high
            $0.isBroadcast = true
        }
        script.say(
            Participant(user: UserID("viewer-7")), to: id.key, Sample.at(20, 19, 0, 1), .text("前排 🙋 first!")
        ) {
            $0.priority = .low
            $0.delivery = .unseen
        }
        return (
            ConversationSummary(
                id: id, app: Sample.app, name: id.description,
                participants: [host, Participant(user: UserID("viewer-7"))], messageCount: 2,
                first: Sample.at(20, 19, 0), last: Sample.at(20, 19, 0, 1)), script.entries
        )
    }()
}
