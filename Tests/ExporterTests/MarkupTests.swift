// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SteleEvents
import SteleTranscript
import Testing

@testable import HTMLExporter

/// That received text can never become markup.
@Suite struct MarkupTests {
    /// What an attacker types, everywhere a user can type.
    static let hostile = [
        "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>", "' onmouseover='alert(1)", "\" autofocus onfocus=\"alert(1)",
        "javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "</style><script>alert(1)</script>", "<!--", "-->", "]]>", "&lt;script&gt;", "&#60;script&#62;",
        "<a href=\"javascript:alert(1)\">x</a>", "http://x\" onclick=\"alert(1)",
        "http://x'onclick='alert(1)",
        "http://<script>alert(1)</script>", "mailto:a@b\"><script>", "\u{202E}gpj.exe",
        "</details></article><h1>",
        "<base href=//evil>", "<meta http-equiv=refresh content=0>", "<iframe srcdoc=x>", "`${alert(1)}`",
        "<\u{0}script>",
        "＜script＞", "<details open ontoggle=alert(1)>", "--></bdi><form action=//evil>",
    ]

    /// A message with the text in each of its places.
    private static func sample(_ text: String) -> Sample {
        var file = Attachment.named(text, bytes: 1, uuid: "u")
        file.url = text
        let bodies: [Body] = [
            .text(text), .image(file), .audio(file), .video(file), .file(file),
            .location(Location(latitude: 1, longitude: 2, address: text, buildingName: text)),
            .command(action: text),
            .custom(Custom(event: text, fields: [.init(key: text, value: .json(text))])),
            .combine(Combine(title: text, summary: text, compatibleText: text, level: 1, bundle: file)),
            .unknown(type: text),
        ]
        let person = Participant(user: UserID(text), displayName: text)
        var messages = bodies.enumerated().map {
            Sample.message($0.element, number: UInt64($0.offset + 1), ext: text)
        }
        for index in messages.indices {
            messages[index].id = MessageID(text)
            messages[index].from = person
            messages[index].to = text
            messages[index].versions.append(Version(body: .text(text), editor: person.user, isEdit: true))
            messages[index].recall = RecallMark(by: person.user, time: nil, notice: text)
            messages[index].standing = .refused(code: 1, reason: text)
            messages[index].receivers = [person.user]
            messages[index].reactions = [Reaction(name: text, users: [person.user], count: 1)]
            messages[index].receipts.read = [Receipt(user: person.user, time: nil)]
            messages[index].thread = ThreadReference(
                parentMessage: MessageID(text), parentGroup: text, name: text)
            messages[index].attachment = .missing(reason: text)
            messages[index].startedThreads = [
                StartedThread(id: ConversationID(kind: .thread, key: text), name: text)
            ]
            messages[index].pin = PinMark(by: person.user, time: nil)
            messages[index].offline = [person.user]
            messages[index].receipts.read[0].content = text
            messages[index].platform.attempts = [Attempt(body: bodies[index], time: nil)]
            messages[index].platform.keywordAlerts = [
                KeywordMark(time: nil, status: text, reason: text, words: [text])
            ]
            messages[index].platform.moderations = [
                ModerationMark(time: nil, result: text, provider: text, risk: text, text: text, url: text)
            ]
            messages[index].platform.pushes = [
                PushMark(
                    user: person.user, time: nil, status: text, channel: text, detail: text, device: text,
                    answer: text)
            ]
            var inner = BundledMessage(
                id: MessageID(text), from: person, time: nil, body: bodies[index], ext: text)
            inner.bundle = .unreadable(reason: text)
            messages[index].bundle = .messages([inner])
        }
        var operation = GroupOperation(
            conversation: Sample.chatID, change: .other, operation: text, by: person.user,
            members: [person.user])
        operation.text = text
        let notice = TranscriptNotice(
            conversation: Sample.chatID, time: Sample.at(20, 9, 31), sequence: 99, operation: operation)
        let summary = ConversationSummary(
            id: Sample.chatID, app: AppKey(text), name: "chat:\(text)", title: text, participants: [person])
        return Sample([(summary, messages.map(TranscriptEntry.message) + [.notice(notice)])])
    }

    @Test("shows hostile text as text, wherever it stands", arguments: hostile)
    func hostileText(text: String) throws {
        // The page with the text has the very tags and attributes of one with a harmless word in its place.
        let expected = try Self.skeleton(of: Format.htmlPage.text(of: Self.sample("word")))
        let actual = try Self.skeleton(of: Format.htmlPage.text(of: Self.sample(text)))
        #expect(actual == expected)
        let plainFolder = try Self.skeleton(of: Format.html.text(of: Self.sample("word")))
        let folder = try Self.skeleton(of: Format.html.text(of: Self.sample(text)))
        #expect(folder == plainFolder)
    }

    /// Every tag of a page with its attributes' names, without the marks and links that text may have.
    private static func skeleton(of page: String) throws -> [String] {
        var tags: [String] = []
        var rest = page[...]
        while let open = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: open)...]
            // Style and script are our own and are left out as a whole.
            for raw in ["style", "script"] where rest.hasPrefix(raw + ">") {
                guard let end = rest.range(of: "</\(raw)>") else { break }
                rest = rest[end.lowerBound...].dropFirst()
                tags.append(raw)
            }
            var tag = ""
            var quote: Character?
            while let character = rest.popFirst() {
                if quote == nil, character == ">" { break }
                if character == quote {
                    quote = nil
                } else if quote == nil, character == "\"" || character == "'" {
                    quote = character
                } else if quote == nil {
                    tag.append(character)
                }
            }
            if tag.hasPrefix("i class=k") || tag.hasPrefix("i class=u") || tag == "a href= target= rel=" {
                skipped(&rest, to: tag.hasPrefix("i") ? "</i>" : "</a>")
                continue
            }
            tags.append(tag)
        }
        // Colours depend on the name.
        return tags.map { $0.hasPrefix("i class=") ? "i class=" : $0 }
    }

    private static func skipped(_ rest: inout Substring, to end: String) {
        if let range = rest.range(of: end) { rest = rest[range.upperBound...] }
    }

    @Test(
        "makes links of web and mail addresses only",
        arguments: [
            ("see https://a.example/x?y=1&z=2.", "https://a.example/x?y=1&amp;z=2"),
            ("看https://a.example/路径", "https://a.example/"), ("（http://a.example）好", "http://a.example"),
            ("(https://a.example/w_(x))", "https://a.example/w_(x)"),
            ("HTTPS://A.EXAMPLE", "HTTPS://A.EXAMPLE"),
            ("mailto:mei@a.example!", "mailto:mei@a.example"), ("'http://a.example'", "http://a.example"),
            ("javascript:alert(1)", nil), ("xhttp://a.example", nil), ("http://", nil), ("mailto:", nil),
            ("mailto:nobody", nil),
            ("file:///etc/passwd", nil), ("data:text/html,x", nil), ("ftp://a.example", nil),
            ("http:/a", nil), ("::", nil),
        ] as [(String, String?)])
    func links(text: String, link: String?) {
        var output: [UInt8] = []
        Markup.append(text, as: .linked, to: &output)
        let html = String(decoding: output, as: UTF8.self)
        let href = html.firstMatch(of: /<a href="([^"]*)" target="_blank" rel="noopener noreferrer">/)
        #expect(href.map { String($0.1) } == link)
    }

    @Test("names every control of direction, and keeps it")
    func directionControls() {
        for value: UInt32 in [0x061C, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069] {
            guard let scalar = Unicode.Scalar(value) else { continue }
            var output: [UInt8] = []
            Markup.append("a\(scalar)b“”…", to: &output)
            let name = String(value, radix: 16, uppercase: true)
            #expect(
                String(decoding: output, as: UTF8.self)
                    == "a<i class=u data-u=\"U+\(name)\">\(scalar)</i>b“”…")
        }
    }

    @Test("the policy of every page names the style and script in it")
    func policy() throws {
        let page = try Format.htmlPage.text(of: .lively)
        for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
            let content = try #require(
                page.range(of: "<\(tag)>").flatMap { start in
                    page.range(of: "</\(tag)>").map { page[start.upperBound..<$0.lowerBound] }
                })
            let hash = Data(SHA256.hash(data: Data(content.utf8))).base64EncodedString()
            #expect(page.contains("\(directive) 'sha256-\(hash)'"))
        }
        #expect(page.contains("default-src 'none'"))
        #expect(!page.contains("style=\""))
        #expect(!page.contains(/\son[a-z]+=/))
    }

    @Test("loads nothing but its own attachments")
    func noNetwork() throws {
        let page = try Format.htmlPage.text(of: .lively)
        let loaded = page.matches(
            of:
                /<(?:img|audio|video|source|script|link|iframe|object|embed)\b[^>]*?(?:src|href|data)="([^"]*)"/
        )
        #expect(
            loaded.map { String($0.1) }.filter { !$0.hasPrefix("data:") && !$0.hasPrefix("attachments/") }
                == [])
    }

    @Test(
        "draws initials as people know each other",
        arguments: [
            ("林小雨", "林"), ("David Chen", "DC"), ("mei", "M"), ("viewer-7", "V7"), ("阿 Tao", "阿"), ("…", "…"),
            ("🐼", "🐼"),
        ])
    func initials(name: String, expected: String) { #expect(PersonMarkup.initials(of: name) == expected) }

    @Test("a file that could run is copied under a name that cannot")
    func mediaTypes() {
        let type = { (head: [UInt8], name: String) in
            MediaType(head: head, filename: name, isVoice: false).fileExtension
        }
        #expect(type(Array("<svg onload=x>".utf8), "a.svg") == "bin")
        #expect(type(Array("<html>".utf8), "a.png") == "bin")
        #expect(type(Array("MZ".utf8), "photo.jpg.exe") == "bin")
        #expect(type(Array("%PDF-1.7".utf8), "合同.PDF") == "pdf")
        #expect(type(Array(Fixture.png.prefix(16)), "x.html") == "png")
    }
}
