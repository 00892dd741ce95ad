// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport
import Synchronization
import Testing

@testable import SteleFetch
@testable import SteleListener

@Suite("History files pulled from the platform")
struct HistoryFetcherTests {
    private static let app = AppKey("org#shop")
    /// 2026-11-20T12:00:00Z, which is 20 o'clock in China.
    private static let hour = UTCHour(of: Instant(milliseconds: 1_795_176_000_000))
    private static let later = Instant(milliseconds: 1_795_176_000_000 + 40 * 3_600_000)

    /// The lines of an hour's file.
    private static func lines(of hour: UTCHour, _ count: Int) -> String {
        (0..<count).map { number in
            let time = hour.start.milliseconds + 1000 + Int64(number) * 60_000
            let id = (time / 1000 - 1_417_564_800) << 32 | (time % 1000) << 22 | Int64(number) << 12
            return
                #"{"msg_id":"\#(id)","timestamp":\#(time),"direction":"outgoing","to":"bob","from":"alice","#
                + #""chat_type":"chat","payload":{"bodies":[{"msg":"第\#(number)","type":"txt"}],"ext":{},"#
                + #""from":"alice","to":"bob"}}"# + "\n"
        }.joined()
    }

    private static func answer(port: String, _ path: String) -> PlatformStandIn.Reply {
        .json(
            #"{"action":"get","uri":"x","data":[{"url":"http://\#(port)/signed/\#(path)?Expires=1&Signature=s"}]}"#
        )
    }

    private static let notFound = PlatformStandIn.Reply.json(
        #"{"error":"storage_object_not_found","timestamp":1,"duration":0,"error_description":"Failed to find chat message history"}"#,
        status: 404)

    /// A platform that has some hours' files.
    private static func platform(_ files: [String: [UInt8]])
        -> @Sendable (PlatformStandIn.Request, Int) -> PlatformStandIn.Reply
    {
        { request, _ in
            if let key = request.uri.wholeMatch(of: /\/org\/shop\/chatmessages\/(\d{10})/)?.1 {
                guard request.authorization == "Bearer good" else {
                    return .json(#"{"error":"auth_bad_access_token"}"#, status: 401)
                }
                return files[String(key)] == nil ? notFound : answer(port: request.host, "\(key)")
            }
            if let key = request.uri.firstMatch(of: /\/signed\/(\d{10})/)?.1 {
                return PlatformStandIn.Reply(body: files[String(key)] ?? [])
            }
            return .json("{}", status: 404)
        }
    }

    /// An archive, and a fetcher into it for which no time passes.
    private struct Bench {
        let archive: Archive
        let log: LogWriter
        let listener: Listener
        let waits = Waits()

        final class Waits: Sendable {
            let all = Mutex<[Duration]>([])
            var sum: Duration { all.withLock { $0.reduce(.zero, +) } }
        }

        init(_ folder: URL) throws {
            archive = try Archive.openOrCreate(folder.appending(path: "archive"))
            log = try LogWriter.open(archive)
            listener = try Listener(log: log, archive: archive)
        }

        func fetch(
            _ server: PlatformStandIn, _ hours: [UTCHour], credential: Credential = .token("good"),
            zone: Int? = nil, now: Instant = later, _ change: (inout HistoryFetchOptions) -> Void = { _ in }
        ) async throws -> [HistoryFetcher.Result] {
            var options = HistoryFetchOptions()
            options.timeoutSeconds = 5
            change(&options)
            let waits = waits
            let pacing = Pacing(
                now: { waits.sum }, sleep: { duration in waits.all.withLock { $0.append(duration) } })
            let fetcher = HistoryFetcher(
                try PlatformAddress(base: "http://127.0.0.1:\(server.port)/", app: app), credential,
                importer: Importer(listener: listener, archive: archive), folder: archive.indexURL,
                options: options, pacing: pacing)
            var results: [HistoryFetcher.Result] = []
            try await fetcher.run(hours, zone: zone, now: now, report: { results.append($0) })
            return results
        }

        /// Closes the log and reads what was recorded of hours.
        func close() async throws -> (hours: [HistoryHour], messages: Int) {
            await listener.close()
            try await log.close()
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: archive.indexURL.path)
                    .filter { $0.hasPrefix("fetch-") } == [])
            return try Projector.upToDate(archive).read { reader in
                (
                    try reader.appScopes().flatMap { try reader.historyHours($0) },
                    try reader.status().messages
                )
            }
        }
    }

    private static func imported(_ results: [HistoryFetcher.Result]) -> [HistoryHour.Outcome?] {
        results.map { if case .imported(let outcome, _) = $0.outcome { outcome } else { nil } }
    }

    @Test(
        "an hour's file is recorded, and that it was; hours without one too; the token goes to the API alone")
    func wholeAndNone() async throws {
        let packed = try Gzip.pack(Self.lines(of: Self.hour, 20))
        try await withTemporaryDirectory { folder in
            try await PlatformStandIn.with(Self.platform(["2026112020": packed])) { server in
                let bench = try Bench(folder)
                let results = try await bench.fetch(server, [Self.hour, Self.hour.advanced(by: 1)])
                #expect(Self.imported(results) == [.whole, nil])
                #expect(results.map(\.key.description) == ["2026112020", "2026112021"])
                #expect(results.last?.outcome == HistoryFetcher.Result.Outcome.none)
                // Again: the same file is the same record.
                _ = try await bench.fetch(server, [Self.hour])
                let (hours, messages) = try await bench.close()
                #expect(messages == 20)
                #expect(hours.map(\.outcome) == [.whole, .none] && hours.map(\.zone) == [480, 480])
                #expect(hours.first?.lines == 20 && hours.first?.source == .api)
                #expect(hours.first?.sha256?.count == 64)
                for request in server.asked {
                    let isFile = request.uri.hasPrefix("/signed/")
                    #expect(request.authorization == (isFile ? nil : "Bearer good"))
                }
            }
        }
    }

    @Test(
        "the first file with lines tells by which clock hours are named, and the right hour is asked for then"
    )
    func clock() async throws {
        // This cluster names hours by UTC: what is asked for as 20 o'clock in China is 20 o'clock UTC.
        let evening = UTCHour(of: Instant(milliseconds: 1_795_176_000_000 + 8 * 3_600_000))
        let files = [
            "2026112012": try Gzip.pack(Self.lines(of: Self.hour, 3)),
            "2026112020": try Gzip.pack(Self.lines(of: evening, 4)),
        ]
        try await withTemporaryDirectory { folder in
            try await PlatformStandIn.with(Self.platform(files)) { server in
                let bench = try Bench(folder)
                let results = try await bench.fetch(server, [Self.hour])
                #expect(results.map(\.key.description) == ["2026112012"])
                let (hours, messages) = try await bench.close()
                #expect(messages == 7)
                #expect(hours.map(\.hour.description) == ["2026112012", "2026112020"])
                #expect(hours.map(\.zone) == [0, 0])
            }
        }
    }

    @Test("what came in part is thrown away and asked for again; what is not gzip, too")
    func again() async throws {
        let packed = try Gzip.pack(Self.lines(of: Self.hour, 50))
        try await withTemporaryDirectory { folder in
            let good = Self.platform(["2026112020": packed])
            try await PlatformStandIn.with({ request, before in
                guard request.uri.hasPrefix("/signed/") else {
                    switch before {
                    case 0: return PlatformStandIn.Reply(isSilent: true)
                    case 1: return .json(#"{"error":"reach_limit"}"#, status: 429)
                    case 2: return .json("oops", status: 503)
                    default: return good(request, before)
                    }
                }
                switch before {
                case 0:
                    return PlatformStandIn.Reply(
                        body: Array(packed.prefix(100)), missingBytes: packed.count - 100)
                case 1: return PlatformStandIn.Reply(body: Array("<html>busy</html>".utf8))
                case 2: return .json("{}", status: 403)
                default: return good(request, before)
                }
            }) { server in
                let bench = try Bench(folder)
                let results = try await bench.fetch(server, [Self.hour])
                #expect(Self.imported(results) == [.whole])
                // Each failed download had a new address asked for.
                #expect(server.asked.count { $0.uri.hasPrefix("/signed/") } == 4)
                #expect(bench.waits.all.withLock { $0 }.contains(.seconds(60)))
                #expect(try await bench.close().messages == 50)
            }
        }
    }

    @Test("a file whose gzip data is cut gives its lines, and the hour is recorded as cut")
    func cutInside() async throws {
        let packed = try Gzip.pack((0..<30).map { _ in Self.lines(of: Self.hour, 50) }.joined())
        try await withTemporaryDirectory { folder in
            try await PlatformStandIn.with(
                Self.platform(["2026112020": Array(packed.prefix(packed.count - 30))])
            ) { server in
                let bench = try Bench(folder)
                #expect(Self.imported(try await bench.fetch(server, [Self.hour])) == [.cut])
                let (hours, messages) = try await bench.close()
                #expect(hours.map(\.outcome) == [.cut] && messages == 50)
            }
        }
    }

    @Test("a file that is too large is not taken, whether it says so or not")
    func tooLarge() async throws {
        let packed = try Gzip.pack(Self.lines(of: Self.hour, 50))
        try await withTemporaryDirectory { folder in
            try await PlatformStandIn.with(Self.platform(["2026112020": packed])) { server in
                let bench = try Bench(folder)
                let results = try await bench.fetch(server, [Self.hour]) { $0.maximumFileBytes = 64 }
                #expect(results.map(\.outcome) == [.failed(reason: "the file is larger than 64 bytes")])
                #expect(try await bench.close().hours == [])
            }
        }
    }

    @Test("what the platform no longer keeps is named, and nothing is recorded of it")
    func notKept() async throws {
        try await withTemporaryDirectory { folder in
            try await PlatformStandIn.with({ _, _ in
                .json(
                    #"{"error":"illegal_argument","error_description":"illegal arguments: chat message history is expired or unstored"}"#,
                    status: 400)
            }) { server in
                let bench = try Bench(folder)
                let results = try await bench.fetch(server, [Self.hour])
                guard case .notKept(let reason) = results.first?.outcome else {
                    Issue.record("\(results)")
                    return
                }
                #expect(reason.contains("expired or unstored"))
                #expect(try await bench.close().hours == [])
            }
        }
    }

    @Test("a token that is not believed ends the run, without the token in what is said")
    func badToken() async throws {
        try await withTemporaryDirectory { folder in
            try await PlatformStandIn.with(Self.platform([:])) { server in
                let bench = try Bench(folder)
                await #expect {
                    try await bench.fetch(server, [Self.hour], credential: .token("secret-token"))
                } throws: { error in
                    let error = error as? FetchError
                    return error?.code == .unauthorized && error?.what.contains("secret-token") == false
                        && error?.what.contains("auth_bad_access_token") == true
                }
                #expect(server.asked.count == 1)
                _ = try await bench.close()
            }
        }
    }

    @Test("a token is had for the client's credentials, and renewed once when it runs out")
    func client() async throws {
        let packed = try Gzip.pack(Self.lines(of: Self.hour, 5))
        try await withTemporaryDirectory { folder in
            let good = Self.platform(["2026112020": packed])
            try await PlatformStandIn.with({ request, before in
                if request.uri == "/org/shop/token" {
                    #expect(request.method == "POST" && request.body.contains(#""client_secret":"s\"x""#))
                    return .json(#"{"access_token":"\#(before == 0 ? "old" : "good")","expires_in":5184000}"#)
                }
                return good(request, before)
            }) { server in
                let bench = try Bench(folder)
                let credential = Credential.client(id: "id", secret: #"s"x"#)
                #expect("\(credential)" == "[credential]")
                let results = try await bench.fetch(server, [Self.hour], credential: credential)
                #expect(Self.imported(results) == [.whole])
                #expect(server.asked.count { $0.uri == "/org/shop/token" } == 2)
                _ = try await bench.close()
            }
        }
    }

    @Test("a file pulled before it is complete is recorded as that, and the hour is not done")
    func early() async throws {
        let packed = try Gzip.pack(Self.lines(of: Self.hour, 5))
        try await withTemporaryDirectory { folder in
            try await PlatformStandIn.with(Self.platform(["2026112020": packed])) { server in
                let bench = try Bench(folder)
                let soon = Instant(microseconds: Self.hour.end.microseconds + 3_600_000_000)
                #expect(Self.imported(try await bench.fetch(server, [Self.hour], now: soon)) == [.early])
                _ = try await bench.close()
                let known = try Projector.upToDate(bench.archive).read { reader in
                    try reader.appScopes().map { try reader.importedHours($0) }
                }
                #expect(known.map { $0.isFinal(Self.hour) } == [false])
            }
        }
    }

    @Test("a signed address may lead elsewhere, and on to where it is encrypted as well as the API")
    func redirects() async throws {
        let packed = try Gzip.pack(Self.lines(of: Self.hour, 5))
        try await withTemporaryDirectory { folder in
            let good = Self.platform(["2026112020": packed])
            try await PlatformStandIn.with({ request, before in
                guard request.uri.hasPrefix("/signed/"), !request.uri.contains("moved") else {
                    return good(request, before)
                }
                let place =
                    before == 0 ? "http://chat.example/x" : "http://\(request.host)/signed/2026112020?moved"
                return PlatformStandIn.Reply(status: 302, headers: [("Location", place)])
            }) { server in
                let bench = try Bench(folder)
                #expect(Self.imported(try await bench.fetch(server, [Self.hour])) == [.whole])
                _ = try await bench.close()
            }
        }
    }

    @Test(
        "an address without encryption is for loopback only",
        arguments: [
            ("https://a1.easemob.com", true), ("https://a1.easemob.com/", true),
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true), ("http://a1.easemob.com", false),
            ("http://127.0.0.1.evil.example", false),
            ("ftp://a1.easemob.com", false), ("a1.easemob.com", false),
            ("https://user@a1.easemob.com", false), ("", false),
        ])
    func addresses(_ base: String, isGood: Bool) {
        #expect(((try? PlatformAddress(base: base, app: Self.app)) != nil) == isGood)
        for app in ["org", "org#", "#app", "org#a/b", "org#..", "a#b#c"] {
            #expect((try? PlatformAddress(base: base, app: AppKey(app))) == nil)
        }
    }
}

/// Packs text as `gzip` does.
enum Gzip {
    static func pack(_ text: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-c"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Small enough to fit a pipe once packed; the text goes in from another thread's point of view at once.
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let packed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Array(packed)
    }
}
