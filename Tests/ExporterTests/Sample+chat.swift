// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleTranscript

/// Two colleagues at a small publisher: all nine types, an edit, a recall, a refusal, a nested bundle.
enum SingleChat {
    static let lin = Participant(user: UserID("linxiaoyu"), displayName: "林小雨")
    static let david = Participant(user: UserID("david.chen"), displayName: "David Chen")
    static let id = ConversationID.chat(lin.user, david.user)

    static let conversation: (summary: ConversationSummary, entries: [TranscriptEntry]) = {
        var script = Script(id, from: 3)
        morning(&script)
        afternoon(&script)
        nextDay(&script)
        let count = script.entries.count - 1
        return (
            ConversationSummary(
                id: id, app: Sample.app, name: id.description, participants: [david, lin],
                messageCount: count,
                first: Sample.at(20, 9, 30, 12), last: Sample.at(21, 10, 7)), script.entries
        )
    }()

    private static func morning(_ script: inout Script) {
        script.say(lin, to: "david.chen", Sample.at(20, 9, 30, 12), .text("早上好！封面的第三版出来了，等会儿发你看看 🎨")) {
            $0.receipts.delivered = [Receipt(user: david.user, time: Sample.at(20, 9, 30, 13))]
            $0.receipts.read = [Receipt(user: david.user, time: Sample.at(20, 9, 31, 2))]
        }
        var cover = Attachment.named(
            "封面 v3.png", bytes: Int64(Fixture.png.count), uuid: "5c1e6f60-2b0f-4a7c-9a3e-d1f04e0c7a11")
        cover.width = 160
        cover.height = 100
        script.say(lin, to: "david.chen", Sample.at(20, 9, 30, 40), .image(cover)) {
            $0.attachment = .stored(sha256: Fixture.pngHash, bytes: Int64(Fixture.png.count))
            $0.reactions = [Reaction(name: "👍", users: [david.user], count: 1)]
        }
        script.say(
            david, to: "linxiaoyu", Sample.at(20, 9, 32, 5),
            .text(
                "Love the hills. Could the title sit a bit lower?\nThe spine is at https://example.com/cover?v=3&side=left, see page 2."
            ),
            ext: #"{"ease_chat_uikit_user_info":{"nickname":"David Chen"},"lang":"en"}"#
        ) { $0.receipts.read = [Receipt(user: lin.user, time: nil)] }
        script.say(david, to: "linxiaoyu", Sample.at(20, 9, 33, 1), .text("Deadline is Wednesday.")) {
            $0.versions.append(
                Version(
                    body: .text("Deadline is Thursday, sorry: I misread the plan."),
                    time: Sample.at(20, 9, 35, 44),
                    editor: david.user, isEdit: true))
        }
        script.say(
            lin, to: "david.chen", Sample.at(20, 9, 36, 20),
            .audio(
                .named("voice.amr", bytes: 18_432, seconds: 7, uuid: "8d2f1c44-6a1b-4c7e-8f37-2f1f6f2b9a02"))
        ) { $0.attachment = .missing(reason: "expired") }
        script.say(lin, to: "david.chen", Sample.at(20, 9, 36, 50), .command(action: "TypingBegin"))
        script.say(lin, to: "david.chen", Sample.at(20, 9, 37, 9), .text("我把报价也发给印厂了，单价 4.2 元")) {
            $0.recall = RecallMark(by: lin.user, time: Sample.at(20, 9, 38), notice: "数字写错了")
        }
    }

    private static func afternoon(_ script: inout Script) {
        script.say(
            david, to: "linxiaoyu", Sample.at(20, 14, 2),
            .location(
                Location(
                    latitude: 31.2243, longitude: 121.4768, address: "上海市黄浦区西藏中路 268 号",
                    buildingName: "来福士广场")))
        script.say(
            david, to: "linxiaoyu", Sample.at(20, 14, 2, 30),
            .video(
                .named(
                    "walkthrough.mp4", bytes: 4_812_345, seconds: 83,
                    uuid: "0f9a7b52-1111-4c3d-9d7e-77a1c6a0b603"))
        ) { $0.attachment = .missing(reason: "not requested") }
        script.say(
            lin, to: "david.chen", Sample.at(20, 14, 5),
            .file(.named("合同（终稿）.pdf", bytes: 382_114, uuid: "b7a1c1de-2222-4c3d-9d7e-77a1c6a0b604")))
        script.say(
            lin, to: "david.chen", Sample.at(20, 14, 6),
            .custom(
                Custom(
                    event: "meeting.invite",
                    fields: [
                        .init(key: "title", value: .string("周五评审 / Friday review")),
                        .init(key: "at", value: .string("2026-11-27T15:00:00+08:00")),
                        .init(key: "seats", value: .json("6")),
                    ])))
        script.say(david, to: "linxiaoyu", Sample.at(20, 14, 7), .text("Booked the big room.")) {
            $0.standing = .refused(code: 221, reason: "nonroster")
        }
        script.say(david, to: "linxiaoyu", Sample.at(20, 14, 8), .text("Trying again: big room is booked.")) {
            $0.standing = .attempted
            $0.sightings[0].isPreSend = true
        }
    }

    private static func nextDay(_ script: inout Script) {
        script.say(lin, to: "david.chen", Sample.at(21, 10, 0), .combine(Bundles.outer)) {
            $0.bundle = Bundles.content
            $0.isPinned = true
        }
        script.say(lin, to: "david.chen", Sample.at(21, 10, 1), .combine(Bundles.lost)) {
            $0.bundle = .unreadable(reason: "its file is not in the archive")
        }
        script.say(
            david, to: "linxiaoyu", Sample.at(21, 10, 7),
            .text("<script>alert(\"hi\")</script> — that is what the printer's web form answered 😅"))
    }
}

/// A bundle in a bundle in a bundle.
enum Bundles {
    private static let mei = Participant(user: UserID("mei"), displayName: "梅姐")
    private static let jun = Participant(user: UserID("jun"))

    static let outer = Combine(
        title: "读书会的聊天记录", summary: "梅姐：这周读第三章\njun: Which edition?\n梅姐：[聊天记录]",
        compatibleText: "[聊天记录] 当前版本不支持查看", level: 3,
        bundle: .named("combine", bytes: 2_914, uuid: "d0000000-0000-4000-8000-000000000001"))

    static let lost = Combine(
        title: "Old thread", summary: "jun: see above", compatibleText: nil, level: 1,
        bundle: .named("combine", bytes: 512, uuid: "d0000000-0000-4000-8000-000000000009"))

    static let content: BundleContent = {
        let innermost = BundledMessage(
            id: MessageID("1470000000000000301"), from: jun, time: Sample.at(2, 8, 0),
            body: .text("到第三层了 / third level"))
        var second = BundledMessage(
            id: MessageID("1470000000000000201"), from: mei, time: Sample.at(3, 20, 15),
            body: .combine(
                Combine(
                    title: "更早的记录", summary: "jun: 到第三层了", compatibleText: nil, level: 1,
                    bundle: .named("combine", bytes: 300, uuid: "d0000000-0000-4000-8000-000000000003"))))
        second.bundle = .messages([innermost])
        var nested = BundledMessage(
            id: MessageID("1470000000000000103"), from: mei, time: Sample.at(4, 12, 0),
            body: .combine(
                Combine(
                    title: "上周的聊天记录", summary: "梅姐：[聊天记录]", compatibleText: nil, level: 2,
                    bundle: .named("combine", bytes: 900, uuid: "d0000000-0000-4000-8000-000000000002"))))
        nested.bundle = .messages([second])
        var picture = BundledMessage(
            id: MessageID("1470000000000000104"), from: jun, time: Sample.at(4, 12, 1),
            body: .image(.named("page.jpg", bytes: 88_120, uuid: "d0000000-0000-4000-8000-000000000004")))
        picture.attachment = .missing(reason: "forbidden")
        return .messages([
            BundledMessage(
                id: MessageID("1470000000000000101"), from: mei, time: Sample.at(4, 11, 58),
                body: .text("这周读第三章")),
            BundledMessage(
                id: MessageID("1470000000000000102"), from: jun, time: Sample.at(4, 11, 59),
                body: .text("Which edition?")),
            nested, picture,
        ])
    }()
}
