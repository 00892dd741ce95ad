// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

@Suite("Attachments, from the callback to the page")
struct AttachmentTests {
    private static let secret = "\(SampleCallback.app)=\(SampleCallback.secret)"
    /// The head of a picture: a page shows as a picture only what is one.
    private static let png: [UInt8] = [
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52,
    ]

    /// A callback of a picture.
    private func picture(_ number: Int, _ url: String) -> String {
        SampleCallback(number, text: "").line().replacing(
            #"{"msg":"","type":"txt"}"#,
            with: #"{"filename":"view.png","type":"img","secret":"picture-secret","url":"\#(url)"}"#)
    }

    private func options(_ host: FileHost) -> [String] {
        ["--fetch-attachments", "--fetch-hosts", "127.0.0.1:\(host.port)"]
    }

    /// Asks until a file was kept.
    private func waitForBytes(_ server: ServedArchive) async throws {
        for _ in 0..<20_000 {
            if try await server.metric("stele_attachments_bytes_total") > 0 { return }
        }
        Issue.record("no file was fetched: \(server.process.stderr)")
    }

    private func attachment(_ stele: Stele) async throws -> [String: Any] {
        let messages = try await stele("messages", "chat:alice:lin", "--archive", "a", "--json")
        return try #require(try messages.lines.first?["attachment"] as? [String: Any])
    }

    @Test("serve fetches what a callback names, and the page shows it; nothing tells the secret")
    func served() async throws {
        try await withTemporaryDirectory { folder async throws in
            try await FileHost.with { host in
                let stele = Stele(folder: folder)
                let server = try await ServedArchive(
                    stele, archive: "a", secret: Self.secret,
                    options: options(host) + ["--log-level", "debug"])
                let url = host.file("0a1b", .ok(Self.png, type: "image/png"))
                #expect(await server.post(picture(1, url)) == 200)
                try await waitForBytes(server)
                #expect(await server.stop() == 0)
                #expect(!server.process.stderr.contains("picture-secret"))
                #expect(host.requests.map { $0.headers["share-secret"] } == ["picture-secret"])
                #expect(try await attachment(stele)["state"] as? String == "stored")
                let export = try await stele("export", "html", "--archive", "a", "--out", "pages")
                #expect(export.status == 0, "\(export.stderr)")
                let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/pages")
                let copy = try #require(files.first { $0.hasSuffix(".png") })
                #expect(try Data(contentsOf: folder.appending(path: "pages/" + copy)) == Data(Self.png))
                let pages = try files.filter { $0.hasSuffix(".html") }.map {
                    try String(contentsOf: folder.appending(path: "pages/" + $0), encoding: .utf8)
                }
                #expect(pages.contains { $0.contains("src=\"../../\(copy)\"") })
                #expect(pages.allSatisfy { !$0.contains("picture-secret") })
                #expect(try await stele("verify", "--full", "--archive", "a").status == 0)
            }
        }
    }

    @Test("killed in the middle of a download, serve fetches it when it is started again")
    func killed() async throws {
        try await withTemporaryDirectory { folder async throws in
            try await FileHost.with { host in
                let stele = Stele(folder: folder)
                var server = try await ServedArchive(
                    stele, archive: "a", secret: Self.secret, options: options(host))
                let half = FileHost.Reply.stall("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n", [0x89])
                let url = host.file("0a1b", half)
                #expect(await server.post(picture(1, url)) == 200)
                await host.wait(for: "/org/app/chatfiles/0a1b")
                server.process.send(SIGKILL)
                _ = await server.process.exit()
                #expect(try await attachment(stele)["reason"] as? String == "not yet")
                host.file("0a1b", .ok(Self.png))
                server = try await ServedArchive(
                    stele, archive: "a", secret: Self.secret, options: options(host))
                try await waitForBytes(server)
                #expect(await server.stop() == 0)
                #expect(try await attachment(stele)["state"] as? String == "stored")
                let store = folder.path + "/a/attachments/sha256"
                let files = try FileManager.default.subpathsOfDirectory(atPath: store)
                #expect(files.count == 2, "a folder and a file: \(files)")
            }
        }
    }

    @Test("when files cannot be stored, recording goes on, and fetching begins again by itself")
    func restarted() async throws {
        try await withTemporaryDirectory { folder async throws in
            try await FileHost.with { host in
                let stele = Stele(folder: folder)
                #expect(try await stele("init", "--archive", "a").status == 0)
                // A file where the folder should be: nothing can be stored.
                let obstacle = folder.appending(path: "a/attachments")
                try Data().write(to: obstacle)
                let server = try await ServedArchive(
                    stele, archive: "a", secret: Self.secret, options: options(host))
                let url = host.file("0a1b", .ok(Self.png))
                #expect(await server.post(picture(1, url)) == 200)
                for _ in 0..<20_000 {
                    if try await server.metric("stele_attachments_restarts_total") > 0 { break }
                }
                #expect(server.process.stderr.contains("attachments could not be fetched"))
                #expect(await server.post(SampleCallback(2).line()) == 200)
                try FileManager.default.removeItem(at: obstacle)
                try await waitForBytes(server)
                #expect(await server.stop() == 0)
                #expect(try await attachment(stele)["state"] as? String == "stored")
            }
        }
    }

    @Test("fetch-attachments gets the rest later, says what it could not get, and ends with 1 then")
    func later() async throws {
        try await withTemporaryDirectory { folder async throws in
            try await FileHost.with { host in
                let stele = Stele(folder: folder)
                let good = host.file("0a1b", .ok(Self.png))
                let bad = host.file("0c2d", .status(404, #"{"error":"file_expired"}"#))
                try Data((picture(1, good) + "\n" + picture(2, bad) + "\n").utf8)
                    .write(to: folder.appending(path: "c.jsonl"))
                #expect(try await stele("import", "c.jsonl", "--archive", "a").status == 0)
                #expect(try await attachment(stele)["reason"] as? String == "not requested")
                let fetch = [
                    "fetch-attachments", "--archive", "a", "--fetch-hosts", "127.0.0.1:\(host.port)",
                    "--json",
                ]
                let first = try await stele.run(fetch)
                #expect(first.status == 1, "\(first.stderr)")
                let report = try first.document
                #expect(report["named"] as? Int == 2 && report["stored"] as? Int == 1)
                #expect(report["fetched"] as? Int == 1 && report["left"] as? Int == 0)
                #expect(report["missing"] as? [String: Int] == ["expired": 1])
                // Neither is asked for again.
                let second = try await stele.run(fetch)
                #expect(try second.document["missing"] as? [String: Int] == ["expired": 1])
                #expect(host.requests.count == 2)
                host.file("0c2d", .ok([1, 2, 3]))
                let third = try await stele.run(fetch + ["--retry-failed"])
                #expect(third.status == 0, "\(third.stderr)")
                #expect(try third.document["stored"] as? Int == 2)
                #expect(try await stele.run(fetch).status == 0)
            }
        }
    }

    @Test("while serve records, fetch-attachments says who does, and what to do")
    func locked() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let server = try await ServedArchive(stele, archive: "a", secret: Self.secret)
            let fetch = try await stele("fetch-attachments", "--archive", "a")
            #expect(fetch.status == 74)
            #expect(fetch.stderr.contains("another writer has this archive open"))
            #expect(fetch.stderr.contains("--fetch-attachments"))
            #expect(await server.stop() == 0)
        }
    }
}
