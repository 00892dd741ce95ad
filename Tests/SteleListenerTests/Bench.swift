// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import SteleEvents
import SteleListener
import SteleLog
import SteleTestSupport

/// An archive in a temporary folder, with its writer and listener.
struct Bench {
    let archive: Archive
    let log: LogWriter
    let listener: Listener

    init(_ folder: URL, options: ListenerOptions = ListenerOptions()) throws {
        archive = try Archive.openOrCreate(folder.appending(path: "archive"))
        log = try LogWriter.open(archive)
        listener = try Listener(
            log: log, archive: archive, options: options,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func close() async throws {
        await listener.close()
        try await log.close()
    }

    /// The archive's lines, read back from the disk.
    var lines: [String] {
        get throws {
            var lines: [String] = []
            var cursor = try LogReader(archive).cursor(from: SequenceNumber(rawValue: 0))
            while let chunk = try cursor.next() {
                guard case .lines(let found) = chunk else { continue }
                for index in 0..<found.count { lines.append(String(decoding: found[index], as: UTF8.self)) }
            }
            return lines
        }
    }

    static func callback(_ id: String, text: String = "hi") -> Received {
        let json = """
            {"callId":"org#app_\(id)","eventType":"chat","timestamp":1,"chat_type":"chat","from":"alice","to":"bob",\
            "msg_id":"\(id)","payload":{"bodies":[{"type":"txt","msg":"\(text)"}]},"appkey":"org#app"}
            """
        return Received(surface: .callback, payload: Array(json.utf8))
    }

    static func sdk(_ json: String, session: String = "s1") -> Received {
        Received(surface: .sdk, flow: .in, session: session, payload: Array(json.utf8))
    }
}

extension String {
    func write(to folder: URL, _ name: String) throws -> String {
        let url = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(utf8).write(to: url)
        return url.path
    }
}
