// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import SteleEvents
import SteleListener
import SteleLog
import SteleTestSupport
import Testing

@testable import SteleServer

/// The service over an archive in a temporary folder, asked through a client in memory.
struct ServerBench: Sendable {
    static let secret = "test-secret"

    let archive: Archive
    let log: LogWriter
    let listener: Listener

    init(_ folder: URL, files: any FileSystem = LocalFileSystem()) throws {
        archive = try Archive.openOrCreate(folder.appending(path: "archive"), files: files)
        log = try LogWriter.open(archive)
        listener = try Listener(log: log, archive: archive, logger: Self.silent)
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A service that checks signatures with one app's secret, unless told otherwise.
    func service(
        secrets: [AppKey: [String]] = [AppKey("org#app"): [secret]],
        unsigned: Set<CallbackGate.UnsignedKind> = [], isLoopback: Bool = true, readSide: ReadSide? = nil,
        readiness: @escaping @Sendable () async -> String? = { nil }, isTapOpen: Bool = true,
        tapOrigins: Set<String> = [], port: Int = 8080,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> ListenService {
        var options = ServerOptions()
        options.isTapOpen = isTapOpen
        options.tapOrigins = tapOrigins
        options.port = port
        return ListenService(
            listener: listener,
            gate: CallbackGate(secrets: secrets, allowUnsigned: unsigned, isLoopback: isLoopback),
            options: options, readSide: readSide, readiness: readiness,
            onListening: onListening, logger: Self.silent)
    }

    /// How many records are on the disk.
    var records: UInt64 {
        get throws { try LogReader(archive).end().rawValue }
    }

    /// A callback as the platform signs it.
    static func callback(
        _ id: String, secret: String = secret, members: String = #""chat_type":"chat","eventType":"chat""#
    ) -> String {
        let callID = "org#app_\(id)"
        let digest = Insecure.MD5.hash(data: Array((callID + secret + "17").utf8))
        let hex = digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return
            #"{"callId":"\#(callID)","security":"\#(hex)","timestamp":17,"appkey":"org#app","msg_id":"\#(id)",\#(members)}"#
    }
}

extension TestClientProtocol {
    func post(_ path: String, _ body: String, headers: HTTPFields = [:]) async throws -> (Int, String) {
        let response = try await execute(
            uri: path, method: .post, headers: headers, body: ByteBuffer(string: body))
        return (Int(response.status.code), String(buffer: response.body))
    }

    func get(_ path: String) async throws -> (Int, String) {
        let response = try await execute(uri: path, method: .get)
        return (Int(response.status.code), String(buffer: response.body))
    }

    /// Posts, and expects a status and, where given, the whole answer.
    func expect(
        _ status: Int, _ answer: String? = nil, post path: String, _ body: String, headers: HTTPFields = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let got = try await post(path, body, headers: headers)
        #expect(got.0 == status, sourceLocation: sourceLocation)
        if let answer { #expect(got.1 == answer, sourceLocation: sourceLocation) }
    }
}
