// SPDX-License-Identifier: Apache-2.0

import CSVExporter
import Foundation
import SteleEvents
import SteleTranscript
import Testing

@Suite struct DisplayWidthTests {
    @Test(
        "Chinese and emoji take two columns",
        arguments: [
            ("", 0), ("abc", 3), ("中文", 4), ("中a文", 5), ("，。", 4), ("🐼", 2), ("👨‍👩‍👧", 2), ("é", 1),
            ("e\u{301}", 1), ("ｱ", 1),
            ("Ａ", 2), ("한글", 4), ("\u{200B}", 0), ("❤️", 2), ("…", 1),
        ])
    func width(text: String, columns: Int) { #expect(DisplayWidth.columns(of: text) == columns) }

    @Test("fits exactly", arguments: ["", "abc", "林小雨", "a very long name", "很长很长的名字在这里", "ab林小雨雨雨雨"])
    func fit(text: String) {
        for width in 2...12 { #expect(DisplayWidth.columns(of: DisplayWidth.fit(text, to: width)) == width) }
    }

    @Test("no line is too wide, nothing is lost, no line starts with closing punctuation", arguments: 8...40)
    func wrap(width: Int) {
        let text =
            "今天下午三点开会，大家记得带上合同的最终版本。See https://example.com/a/very/long/path for it，好吗？Yes, of course!\n第二行。"
        let lines = DisplayWidth.wrap(text, to: width)
        let letters = { (text: String) in text.filter { !$0.isWhitespace } }
        #expect(letters(lines.joined()) == letters(text))
        for line in lines {
            // A closing sign may hang over the edge.
            #expect(DisplayWidth.columns(of: line) <= width + 2, "\(line)")
            #expect(!line.hasPrefix("，") && !line.hasPrefix("。") && !line.hasPrefix("？"), "\(line)")
        }
    }

    @Test("empty lines stay")
    func emptyLines() { #expect(DisplayWidth.wrap("a\n\nb", to: 10) == ["a", "", "b"]) }
}

@Suite struct ZonedClockTests {
    @Test(
        "says what Foundation says, over four centuries and three zones",
        arguments: [
            "Asia/Shanghai", "America/New_York", "Asia/Kathmandu",
        ])
    func agreesWithFoundation(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        var clock = ZonedClock(zone)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        // From 1900 to 2300, in steps that meet every hour, month and leap year.
        for second in stride(from: Int64(-2_208_988_800), to: 10_413_792_000, by: 9_876_543) {
            let reading = clock.reading(at: Instant(milliseconds: second * 1000))
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second, .weekday],
                from: Date(timeIntervalSince1970: Double(second)))
            #expect(
                [
                    reading.year, reading.month, reading.day, reading.hour, reading.minute, reading.second,
                    reading.weekday + 1,
                ]
                    == [
                        parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second,
                        parts.weekday,
                    ])
        }
    }

    @Test("follows a change of the clocks to the second")
    func transition() throws {
        var clock = ZonedClock(try #require(TimeZone(identifier: "America/New_York")))
        var text: [UInt8] = []
        for second: Int64 in [1_793_512_799, 1_793_512_800] {
            clock.appendRFC3339(Instant(milliseconds: second * 1000), to: &text)
            text.append(0x20)
        }
        #expect(
            String(decoding: text, as: UTF8.self)
                == "2026-11-01T01:59:59.000-04:00 2026-11-01T01:00:00.000-05:00 ")
    }

    @Test(
        "writes milliseconds, microseconds where there are any, and Z for UTC",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (1_795_138_212_345_000, "2026-11-20T01:30:12.345Z"),
            (1_795_138_212_345_001, "2026-11-20T01:30:12.345001Z"),
            (253_402_300_799_999_000, "9999-12-31T23:59:59.999Z"),
        ])
    func fractions(microseconds: Int64, expected: String) {
        var clock = ZonedClock.utc
        var text: [UInt8] = []
        clock.appendRFC3339(Instant(microseconds: microseconds), to: &text)
        #expect(String(decoding: text, as: UTF8.self) == expected)
    }

    @Test("survives the ends of time", arguments: [Int64.min, .max])
    func extremes(microseconds: Int64) {
        var clock = ZonedClock(Fixture.shanghai)
        var text: [UInt8] = []
        clock.appendExact(Instant(microseconds: microseconds), to: &text)
        #expect(!text.isEmpty)
    }
}

@Suite struct CSVTests {
    private func rows(_ text: String, exact: Bool = false) throws -> [String] {
        try Fixture.withFolder { folder in
            var options = CSVWriter.Options()
            options.isExact = exact
            options.byteOrderMark = false
            let url = folder.appendingPathComponent("a.csv")
            var writer = CSVWriter(to: try OutputFile(at: url), options: options)
            _ = try Sample.of([Sample.message(.text(text))]).write(to: &writer)
            return Self.fields(try Fixture.text(of: url))
        }
    }

    /// The cells of the last row, read by the grammar of RFC 4180.
    private static func fields(_ text: String) -> [String] {
        var rows: [[String]] = [[""]]
        var isQuoted = false
        var characters = Array(text.unicodeScalars)[...]
        while let scalar = characters.popFirst() {
            let row = rows.count - 1
            let cell = rows[row].count - 1
            switch scalar {
            case "\"" where isQuoted && characters.first == "\"":
                characters.removeFirst()
                rows[row][cell].unicodeScalars.append("\"")
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: rows[row].append("")
            case "\r" where !isQuoted: break
            case "\n" where !isQuoted: rows.append([""])
            default: rows[row][cell].unicodeScalars.append(scalar)
            }
        }
        return rows[rows.count - 2]
    }

    @Test(
        "keeps a spreadsheet from running a cell",
        arguments: [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/C calc'!A0", "＝1+1", "＠x",
        ])
    func formulas(text: String) throws {
        let column = try #require(CSVWriter.columns.firstIndex(of: "text"))
        #expect(try rows(text)[column] == "'" + text)
        #expect(try rows(text, exact: true)[column] == text)
    }

    @Test(
        "a cell comes back as it was",
        arguments: ["a,b", "say \"hi\"", "two\r\nlines", " space ", "中文，逗号", "\"", ",\"\n"])
    func quoting(text: String) throws {
        let cells = try rows(text)
        #expect(cells.count == CSVWriter.columns.count)
        #expect(cells[try #require(CSVWriter.columns.firstIndex(of: "text"))] == text)
    }

    @Test("every row has every column, and a notice has its sequence in the right one")
    func notices() throws {
        let last = Self.fields(
            try Format.csv.text(
                of: Sample([
                    (StudyGroup.conversation.summary, Array(StudyGroup.conversation.entries.prefix(1)))
                ])))
        #expect(last.count == CSVWriter.columns.count)
        #expect(last[try #require(CSVWriter.columns.firstIndex(of: "sequence"))] == "30")
        #expect(last[try #require(CSVWriter.columns.firstIndex(of: "type"))] == "notice:created")
    }
}

@Suite struct OutputTests {
    @Test("replaces an earlier export, and nothing else")
    func occupied() throws {
        try Fixture.withFolder { folder in
            try Format.html.write(.lively, in: folder)
            let page = folder.appendingPathComponent("html/index.html")
            let before = try Fixture.text(of: page)
            try Format.html.write(.of([]), in: folder)
            let after = try Fixture.text(of: page)
            #expect(before != after)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left == ["html"])

            try FileManager.default.removeItem(
                at: folder.appendingPathComponent("html/\(OutputFolder.markName)"))
            let error = #expect(throws: OutputError.self) { try Format.html.write(.lively, in: folder) }
            #expect(error?.code == .occupied)
            let kept = try Fixture.text(of: page)
            #expect(kept == after)
        }
    }

    @Test("a file keeps its old content until the new one is whole")
    func partial() throws {
        try Fixture.withFolder { folder in
            let url = folder.appendingPathComponent("a.txt")
            try Data("old".utf8).write(to: url)
            do {
                let file = try OutputFile(at: url)
                try file.append("new")
                try file.flush()
                let content = try Fixture.text(of: url)
                #expect(content == "old")
            }
            let file = try OutputFile(at: url)
            try file.append("new")
            let written = try file.finish()
            let content = try Fixture.text(of: url)
            #expect(content == "new")
            #expect(written.bytes == 3)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left == ["a.txt"])
        }
    }

    @Test("says which folder is missing")
    func missingFolder() throws {
        let error = #expect(throws: OutputError.self) {
            try OutputFile(at: URL(fileURLWithPath: "/nonexistent-folder/a.txt"))
        }
        #expect(error?.description.contains("/nonexistent-folder/a.txt") == true)
    }

    @Test("a page alone has a limit, and says what to do")
    func pageLimit() throws {
        let messages = (1...20_001).map { Sample.message(.text("x"), number: $0) }
        let error = #expect(throws: OutputError.self) { try Format.htmlPage.text(of: .of(messages)) }
        #expect(error?.code == .tooLarge)
        #expect(error?.remedy.contains("--out") == true)
    }
}
