// SPDX-License-Identifier: Apache-2.0

import CZlib
import Foundation
import SteleEvents
import SteleTestSupport
import Testing

@testable import SteleListener

@Suite("Importer")
struct ImporterTests {
    private static func line(_ id: Int) -> String {
        #"{"msg_id":"\#(id)","timestamp":5,"chat_type":"chat","payload":{"from":"alice","to":"bob","bodies":[{"type":"txt","msg":"第\#(id)"}]}}"#
    }

    /// A gzip member with `text`.
    private static func gzip(_ text: String) -> Data {
        let input = Array(text.utf8)
        var stream = z_stream()
        #expect(
            deflateInit2_(
                &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { deflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(input.count))))
        let count = input.count
        let size = output.count
        input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(size)
                #expect(deflate(&stream, Z_FINISH) == Z_STREAM_END)
            }
        }
        return Data(output[..<(size - Int(stream.avail_out))])
    }

    /// Imports and says what happened, and which lines were not taken.
    private static func run(
        _ bench: Bench, _ paths: [String], from format: ImportFormat = .auto,
        options: ImportOptions = ImportOptions()
    ) async throws -> (counts: [Int], rejected: [ImportRejection]) {
        var rejections: [ImportRejection] = []
        let importer = Importer(listener: bench.listener, archive: bench.archive, options: options)
        let summary = try await importer.run(paths, from: format, rejected: { rejections.append($0) })
        return ([summary.read, summary.recorded, summary.duplicates, summary.rejected], rejections)
    }

    @Test("records the lines of a file, and nothing the second time")
    func twice() async throws {
        try await withTemporaryDirectory { folder in
            let path = try ((0..<20000).map(Self.line).joined(separator: "\n") + "\n\n").write(
                to: folder, "a.jsonl")
            let bench = try Bench(folder)
            #expect(try await Self.run(bench, [path]).counts == [20000, 20000, 0, 0])
            #expect(try await Self.run(bench, [path, path]).counts == [40000, 0, 40000, 0])
            try await bench.close()
            let records = try bench.lines
            #expect(records.count == 20000)
            #expect(
                try Record(line: JSONDocument(text: records[19999])).payload == Array(Self.line(19999).utf8))
        }
    }

    @Test(
        "takes documents, arrays and lines in .json files, with line breaks or without",
        arguments: [
            ("one document", #"{"msg_id":"1","payload":{}}"#, 1),
            ("a pretty one", "{\n \"msg_id\": \"1\",\n\"payload\":{}\n}\n", 1),
            ("an array", "[\n{\"msg_id\":\"1\",\"payload\":{}},\n{\"msg_id\":\"2\",\n\"payload\":{}}\n]", 2),
            (
                "an array on one line",
                #"[{"msg_id":"1","payload":{}},{"msg_id":"2","payload":{}}]"# + "\n\n", 2
            ),
            ("lines", "{\"msg_id\":\"1\",\"payload\":{}}\r\n\r\n{\"msg_id\":\"2\",\"payload\":{}}", 2),
            ("a byte order mark", "\u{FEFF}{\"msg_id\":\"1\",\"payload\":{}}", 1), ("nothing", " \n\n", 0),
            ("empty", "", 0),
            ("an empty array", "[]", 0),
        ])
    func forms(_ name: String, _ text: String, count: Int) async throws {
        try await withTemporaryDirectory { folder in
            let path = try text.write(to: folder, "a.json")
            let bench = try Bench(folder)
            #expect(try await Self.run(bench, [path]).counts == [count, count, 0, 0])
            try await bench.close()
        }
    }

    @Test("keeps the good lines and names each bad one")
    func badLines() async throws {
        try await withTemporaryDirectory { folder in
            let text = [Self.line(1), "{\"cut", "", Self.line(2), "\u{1}", Self.line(3)].joined(
                separator: "\n")
            for name in ["a.jsonl", "b.json"] {
                let path = try text.write(to: folder, name)
                let bench = try Bench(folder.appending(path: name + ".d"))
                let result = try await Self.run(bench, [path])
                #expect(result.counts == [5, 3, 0, 2])
                #expect(result.rejected.map(\.line) == [2, 5])
                #expect(
                    result.rejected.allSatisfy { $0.file == path && $0.reason.hasPrefix("not JSON at byte") })
                try await bench.close()
            }
            let bad = try "{\"cut\n".write(to: folder, "c.json")
            let bench = try Bench(folder)
            #expect(try await Self.run(bench, [bad]).rejected.map(\.line) == [1])
            try await bench.close()
        }
    }

    @Test("names the element of an array by its line")
    func arrayLines() async throws {
        try await withTemporaryDirectory { folder in
            let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
            let path = try "[\n{\"a\":1},\n\(deep),\n\n{\"b\":1}]".write(to: folder, "a.json")
            let bench = try Bench(folder)
            let result = try await Self.run(bench, [path])
            #expect(result.counts == [3, 2, 0, 1])
            #expect(result.rejected.map(\.line) == [3])
            try await bench.close()
        }
    }

    @Test("unpacks gzip of several members, padding and all")
    func gzip() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "2026112302.gz")
            let half = Self.line(2).index(Self.line(2).startIndex, offsetBy: 20)
            let first = Self.line(1) + "\n" + Self.line(2)[..<half]
            let second = Self.line(2)[half...] + "\n" + Self.line(3)
            try (Self.gzip(first) + Self.gzip(String(second)) + Data(count: 512)).write(to: path)
            let bench = try Bench(folder)
            #expect(try await Self.run(bench, [path.path], from: .history).counts == [3, 3, 0, 0])
            try await bench.close()
        }
    }

    @Test("keeps the good lines of a gzip file cut anywhere, and names the cut once")
    func cutGzip() async throws {
        try await withTemporaryDirectory { folder in
            let whole = Self.gzip((0..<30).map(Self.line).joined(separator: "\n") + "\n")
            let bench = try Bench(folder)
            var most = 0
            for length in stride(from: 1, to: whole.count, by: 7) {
                let path = folder.appending(path: "cut\(length).jsonl.gz")
                try whole.prefix(length).write(to: path)
                let result = try await Self.run(bench, [path.path])
                #expect(result.counts[3] == 1, "cut at \(length)")
                #expect(result.rejected.first?.reason.contains("cut short") == true)
                #expect(result.rejected.first?.line == result.counts[0])
                most = max(most, result.counts[0] - 1)
            }
            #expect(most >= 29)
            try await bench.close()
        }
    }

    @Test("refuses what only pretends to be gzip, is damaged, or is followed by something else")
    func damagedGzip() async throws {
        try await withTemporaryDirectory { folder in
            let good = Self.gzip(Self.line(1) + "\n")
            var damaged = good
            damaged[damaged.count - 6] ^= 1
            let cases: [(Data, String, Int)] = [
                (Data("{}".utf8), "is not gzip data", 0),
                (good + Data("tail".utf8), "bytes that are not gzip data", 1),
                (damaged, "damaged", 1),
            ]
            let bench = try Bench(folder)
            for (index, (bytes, reason, good)) in cases.enumerated() {
                let path = folder.appending(path: "\(index).jsonl.gz")
                try bytes.write(to: path)
                let result = try await Self.run(bench, [path.path])
                #expect(result.counts[3] == 1)
                #expect(result.counts[1] + result.counts[2] == good)
                #expect(result.rejected.first?.reason.contains(reason) == true)
            }
            try await bench.close()
        }
    }

    @Test("stops at a decompression bomb, and passes over lines without end")
    func bombs() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "bomb.jsonl.gz")
            try Self.gzip(Self.line(1) + "\n" + String(repeating: " ", count: 80 << 20)).write(to: path)
            let bench = try Bench(folder)
            let result = try await Self.run(bench, [path.path])
            #expect(result.counts[1] == 1)
            #expect(result.rejected.last?.reason.contains("times its size") == true)
            var options = ImportOptions()
            options.maximumInflatedBytes = 1 << 20
            #expect(
                try await Self.run(bench, [path.path], options: options).rejected.last?.reason.contains(
                    "1048576 bytes") == true)
            let long = try
                (Self.line(2) + "\n" + String(repeating: "x", count: 17 << 20) + "\n" + Self.line(3)).write(
                    to: folder, "long.jsonl")
            let lines = try await Self.run(bench, [long])
            #expect(lines.counts == [3, 2, 0, 1])
            #expect(lines.rejected.map(\.line) == [2])
            #expect(lines.rejected.first?.reason.contains("longer than") == true)
            try await bench.close()
        }
    }

    @Test("searches folders in order, without hidden files and links that lead out")
    func folders() async throws {
        try await withTemporaryDirectory { folder in
            let root = folder.appending(path: "in")
            let names = ["b/2.jsonl", "a/1.json", "c.txt", ".hidden.json", ".git/3.json", "a/.4.json"]
            for (index, name) in names.enumerated() { _ = try Self.line(index).write(to: root, name) }
            let outside = try Self.line(100).write(to: folder, "outside.json")
            let links = FileManager.default
            try links.createSymbolicLink(atPath: root.path + "/out.json", withDestinationPath: outside)
            try links.createSymbolicLink(
                atPath: root.path + "/in.json", withDestinationPath: root.path + "/a/1.json")
            try links.createSymbolicLink(atPath: root.path + "/loop", withDestinationPath: root.path)
            try links.createSymbolicLink(atPath: root.path + "/gone.json", withDestinationPath: "/nowhere")
            let files = try ImportFileSearch.files(at: [root.path])
            #expect(
                files.map { String($0.path.dropFirst(root.path.count)) } == [
                    "/a/1.json", "/b/2.jsonl", "/in.json",
                ])
            let bench = try Bench(folder)
            #expect(try await Self.run(bench, [root.path]).counts == [3, 2, 1, 0])
            await #expect(throws: ImportError.self) { try await Self.run(bench, [root.path + "/none"]) }
            try await bench.close()
        }
    }

    @Test("tells surfaces apart by form, and takes a session from the line or the file's name")
    func surfaces() async throws {
        try await withTemporaryDirectory { folder in
            let lines = [
                String(decoding: Bench.callback("1").payload, as: UTF8.self), Self.line(1),
                #"{"at":1,"flow":"in","handler":"onTextMessage","message":{}}"#,
                #"{"at":1,"flow":"out","call":"send","options":{},"ref":"r","session":"own"}"#,
                #"{"callId":"org#app_u","chat_type":"chat","timestamp":1,"msg_id":"9","payload":{"type":"txt"}}"#,
            ]
            let path = try lines.joined(separator: "\n").write(to: folder, "alice-phone.v2.jsonl")
            let bench = try Bench(folder)
            #expect(try await Self.run(bench, [path]).counts == [5, 5, 0, 0])
            try await bench.close()
            let records = try bench.lines.map { try Record(line: JSONDocument(text: $0)) }
            #expect(records.map(\.surface) == [.callback, .history, .sdk, .sdk, .callback])
            #expect(records.map(\.flow) == [.none, .none, .in, .out, .none])
            #expect(records.map(\.session) == [nil, nil, "alice-phone", "own", nil])
            #expect(records.map(\.isPreSend) == [false, false, false, false, true])
        }
    }

    @Test("stores a file named by a UUID as that attachment, once")
    func attachments() async throws {
        try await withTemporaryDirectory { folder in
            let uuid = "D9135700-2EE0-11F0-B000-A7039876610F"
            let path = try "picture".write(to: folder, "files/\(uuid).jpg")
            let bench = try Bench(folder)
            #expect(try await Self.run(bench, [folder.path + "/files"]).counts == [1, 1, 0, 0])
            #expect(try await Self.run(bench, [path]).counts == [1, 0, 1, 0])
            try await bench.close()
            let payload = try JSONDocument(Record(line: JSONDocument(text: bench.lines[0])).payload).root
            #expect(payload["uuid"]?.string == uuid.lowercased())
            #expect(payload["bytes"]?.int64 == 7)
            #expect(
                payload["sha256"]?.string
                    == "2cea274d0bedc39ec4ab6ba9e59ec889e3ed6fb56a1cf088a64d9b383378dc97")
        }
    }

    @Test("reports its progress in bytes up to the whole")
    func progress() async throws {
        try await withTemporaryDirectory { folder in
            let path = try (0..<3000).map(Self.line).joined(separator: "\n").write(to: folder, "a.jsonl")
            let bench = try Bench(folder)
            var options = ImportOptions()
            options.batchCount = 100
            var reports: [ImportProgress] = []
            let importer = Importer(listener: bench.listener, archive: bench.archive, options: options)
            _ = try await importer.run([path], progress: { reports.append($0) })
            #expect(reports.count == 30)
            #expect(reports.last?.bytes == reports.last?.totalBytes)
            #expect(reports.map(\.bytes) == reports.map(\.bytes).sorted())
            try await bench.close()
        }
    }
}
