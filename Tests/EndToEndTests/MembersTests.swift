// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

/// `stele members` and `stele activity`.
@Suite struct MembersTests {
    private static let lines = [
        #"{"callId":"org#app_1","payload":{"role":{"alice":"owner"},"member":["lin","tao"],"info":{"title":"茶会"}},"appkey":"org#app","id":"262246968131585","type":"GROUP","event":"group_op_event","operation":"CREATE","operator":"alice","timestamp":1763600000000}"#,
        #"{"callId":"org#app_2","payload":{"member":["tao"],"type":"KICK"},"appkey":"org#app","id":"262246968131585","type":"GROUP","event":"group_op_event","operation":"LEAVE","operator":"alice","timestamp":1763600600000}"#,
        #"{"callId":"org#app_3","payload":{"type":"ANNOUNCEMENT","announcement":"九点"},"appkey":"org#app","id":"262246968131585","type":"GROUP","event":"group_op_event","operation":"UPDATE","operator":"alice","timestamp":1763600660000}"#,
        #"{"callId":"org#app_4","reason":"login","os":"ios","user":"org#app_tao@easemob.com/ios_1","version":"4.9.0","timestamp":1763599000000,"appkey":"org#app","status":"online"}"#,
    ]

    private func withArchive(_ body: (Stele) async throws -> Void) async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            try Data(Self.lines.map { $0 + "\n" }.joined().utf8)
                .write(to: folder.appendingPathComponent("in.jsonl"))
            let imported = try await stele("import", "in.jsonl")
            #expect(imported.status == 0, "\(imported.stderr)")
            try await body(stele)
        }
    }

    @Test("members: the conversation first, then its members, now and at a time")
    func members() async throws {
        try await withArchive { stele in
            let output = try await stele("members", "group:262246968131585", "--json")
            #expect(output.status == 0, "\(output.stderr)")
            let lines = try output.lines
            #expect(lines.first?["title"] as? String == "茶会")
            #expect((lines.first?["announcement"] as? [String: Any])?["text"] as? String == "九点")
            #expect(lines.dropFirst().map { $0["user"] as? String } == ["alice", "lin", "tao"])
            #expect(lines.dropFirst().map { $0["isMember"] as? Bool } == [true, true, false])
            #expect(lines[1]["role"] as? String == "owner")
            let stay = (lines[3]["stays"] as? [[String: Any]])?.first
            #expect(stay?["went"] as? String == "kicked")
            #expect(stay?["wentBy"] as? String == "alice")
            let then = try await stele(
                "members", "group:262246968131585", "--at", "2025-11-20T00:55:00Z", "--json"
            ).lines
            #expect(then.dropFirst().map { $0["user"] as? String } == ["alice", "lin", "tao"])
            let later = try await stele(
                "members", "group:262246968131585", "--at", "2025-11-21", "--json"
            ).lines
            #expect(later.dropFirst().map { $0["user"] as? String } == ["alice", "lin"])
            let text = try await stele("members", "group:262246968131585", "--time-zone", "Asia/Shanghai")
                .text
            #expect(text.contains("茶会 · group:262246968131585"))
            #expect(text.contains("kicked by alice"))
            let unknown = try await stele("members", "group:1")
            #expect(unknown.status == 1 && unknown.stderr.contains("\nhint: "))
        }
    }

    @Test("activity: by time, within a range, and a name nobody has")
    func activity() async throws {
        try await withArchive { stele in
            let lines = try await stele("activity", "Tao", "--json").lines
            #expect(lines.map { $0["what"] as? String } == ["login", "member", "member"])
            #expect(lines.map { $0["change"] as? String } == [nil, "created", "kicked"])
            #expect(lines[0]["device"] as? String == "ios_1")
            #expect(lines[2]["conversation"] as? String == "group:262246968131585")
            let part = try await stele("activity", "tao", "--to", "2025-11-20T00:50:00Z", "--json").lines
            #expect(part.count == 1)
            let nobody = try await stele("activity", "nobody")
            #expect(nobody.status == 1 && nobody.stderr.contains("error: ") && nobody.stdout.isEmpty)
        }
    }
}
