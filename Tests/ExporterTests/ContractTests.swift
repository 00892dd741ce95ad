// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleTranscript
import Testing

/// What holds for every writer.
@Suite struct ContractTests {
    @Test("writes every message, in the order given", arguments: Format.allCases)
    func order(format: Format) throws {
        let messages = (1...25).map { Sample.message(.text("word\($0)end"), number: $0) }
        let text = try Fixture.withFolder { folder in
            try format.write(.of(messages), in: folder)
                .filter {
                    $0.url.lastPathComponent != "index.html" && $0.url.lastPathComponent != "days.html"
                }
                .map { try Fixture.text(of: $0.url) }.joined()
        }
        let found = text.matches(of: /word(\d+)end/).compactMap { Int($0.1) }
        var order: [Int] = []
        for number in found where order.last != number { order.append(number) }
        // JSON repeats a text as version and body; each message's own come together.
        #expect(order == Array(1...25))
    }

    @Test("writes a conversation without messages", arguments: Format.allCases)
    func empty(format: Format) throws {
        let text = try format.text(of: .of([]))
        switch format {
        case .jsonLines: #expect(text.isEmpty)
        case .csv: #expect(text.split(separator: "\r\n").count == 1)
        default: #expect(text.contains("chat:alice:bob"))
        }
    }

    @Test("writes nothing at all for no conversation", arguments: Format.allCases)
    func noConversation(format: Format) throws {
        _ = try format.text(of: Sample([]))
    }

    @Test("shows both contents of an edited message", arguments: Format.allCases)
    func edits(format: Format) throws {
        var message = Sample.message(.text("before-the-edit"))
        message.versions.append(
            Version(
                body: .text("after-the-edit"), time: Sample.at(20, 10, 1), editor: UserID("bob"), isEdit: true
            ))
        let text = try format.text(of: .of([message]))
        #expect(text.contains("before-the-edit"))
        #expect(text.contains("after-the-edit"))
        #expect(text.contains("bob"))
    }

    @Test("keeps the content of a recalled message, and says who took it back", arguments: Format.allCases)
    func recalls(format: Format) throws {
        var message = Sample.message(.text("taken-back"))
        message.recall = RecallMark(by: UserID("moderator-9"), time: Sample.at(20, 10, 2), notice: nil)
        let text = try format.text(of: .of([message]))
        #expect(text.contains("taken-back"))
        #expect(text.contains("moderator-9"))
    }

    @Test("marks what was never proven sent", arguments: Format.allCases)
    func standing(format: Format) throws {
        var message = Sample.message(.text("hello"))
        message.standing = .refused(code: 501, reason: "sensitive words")
        let text = try format.text(of: .of([message]))
        #expect(text.contains("501"))
        #expect(text.contains("sensitive words"))
        message.standing = .attempted
        #expect(try format.text(of: .of([message])).contains(/attempted|Attempted|仅尝试发送/))
    }

    @Test("writes a message of a million characters whole", arguments: Format.allCases)
    func huge(format: Format) throws {
        let words = String(repeating: "长文 long ", count: 125_000)
        let text = try format.text(of: .of([Sample.message(.text(words + "the-very-end"))]))
        #expect(text.contains("the-very-end"))
        #expect(text.utf8.count > words.utf8.count)
    }

    @Test(
        "lets no control character through that a terminal, a page or a parser would obey",
        arguments: Format.allCases)
    func controls(format: Format) throws {
        let all = (1..<32).compactMap { Unicode.Scalar($0).map(String.init) }.joined()
        let hostile = "a\u{0}b\u{1B}]0;title\u{7}\u{1B}[31mred\u{7F}" + all + "z"
        let text = try format.text(of: .of([Sample.message(.text(hostile))]))
        let controls = text.unicodeScalars.filter {
            ($0.value < 0x20 || $0.value == 0x7F) && !"\n\r\t".unicodeScalars.contains($0)
        }
        #expect(controls.map(\.value) == [])
        #expect(text.contains("red"))
    }

    @Test("takes every kind of body, bundle and standing without a word lost", arguments: Format.allCases)
    func everything(format: Format) throws {
        let text = try Fixture.withFolder { folder in
            try format.write(.lively, in: folder, attachments: try Fixture.attachments(in: folder))
                .filter { ["html", "json", "jsonl", "csv", "txt"].contains($0.url.pathExtension) }
                .map { try Fixture.text(of: $0.url) }.joined()
        }
        for phrase in [
            "早上好", "封面 v3.png", "合同（终稿）.pdf", "来福士广场", "meeting.invite", "读书会的聊天记录", "live_card", "直播开始",
        ] {
            #expect(text.contains(phrase), "\(phrase)")
        }
        guard format != .csv else { return }
        #expect(text.contains("third level"))
    }

    @Test("an export that is given up leaves nothing behind", arguments: Format.allCases)
    func abandoned(format: Format) throws {
        try Fixture.withFolder { folder in
            #expect(throws: CancellationError.self) {
                try format.write(Sample.lively, in: folder, stopAfter: 3)
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left == [])
        }
    }
}
