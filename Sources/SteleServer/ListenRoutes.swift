// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import SteleEvents
import SteleListener

/// The routes that take events in.
///
/// An answer of 200 means: on stable storage, or recorded before.
struct ListenRoutes<Context: RequestContext>: Sendable {
    let listener: Listener
    let gate: CallbackGate
    let options: ServerOptions
    let counters: ServerCounters

    func add(to router: some RouterMethods<Context>) {
        router.post("callback") { request, _ in
            let outcome = try await callback(request, isPreSend: false, .callback)
            return Response(json: answer(outcome))
        }
        router.post("callback/pre") { request, _ in
            _ = try await callback(request, isPreSend: true, .preSend)
            // The platform waits 200 ms for these very words before it falls back to the rule's own policy.
            return Response(json: Array(#"{"valid":true}"#.utf8))
        }
        router.post("tap/{session}") { request, context in
            let session = try context.parameters.require("session")
            return try await tap(request, session: session.removingPercentEncoding ?? session)
        }
        router.on("tap/{session}", method: .options) { request, _ in
            // A browser asks before a page may post, and learns of an answer that names its origin alone.
            let origin = try permitted(request.headers[.origin], among: options.tapOrigins)
            return Response(status: .noContent, headers: Self.permission(origin))
        }
    }

    private func callback(
        _ request: Request, isPreSend: Bool, _ route: ServerCounters.Route
    ) async throws -> Outcome {
        _ = try permitted(request.headers[.origin], among: [])
        let payload = try await body(of: request, atMost: options.maximumCallbackBytes)
        let candidate = try listener.candidate(
            Received(surface: .callback, isPreSend: isPreSend, payload: payload))
        try gate.check(candidate.document.root)
        let outcome = try await listener.receive(candidate)
        counters.count(outcome, on: route)
        return outcome
    }

    private func answer(_ outcome: Outcome) -> [UInt8] {
        switch outcome {
        case .recorded(let sequence): Array("{\"recorded\":\(sequence)}\n".utf8)
        case .duplicate: Array("{\"duplicate\":true}\n".utf8)
        case .rejected: preconditionFailure("a checked payload is not rejected")
        }
    }

    // MARK: Taps

    private func tap(_ request: Request, session: String) async throws -> Response {
        let origin = try permitted(request.headers[.origin], among: options.tapOrigins)
        guard options.isTapOpen else {
            throw Problem(
                .forbidden,
                "this server takes no taps: nothing signs them, and others than this machine can connect",
                hint: "Listen on a loopback address, or allow taps when the server is started.")
        }
        guard !session.isEmpty, session.utf8.count <= 256 else {
            throw Problem(
                .badRequest, "the session's name is empty or longer than 256 bytes",
                hint: "Post to /tap/SESSION with a name for the connection.")
        }
        let body = try await body(of: request, atMost: options.maximumTapBytes)
        var report = TapReport()
        let outcomes = try await listener.commit(prepare(body, session: session, &report))
        for outcome in outcomes {
            report.count(outcome)
            counters.count(outcome, on: .tap)
        }
        var response = report.response
        response.headers.append(contentsOf: Self.permission(origin))
        return response
    }

    private func prepare(_ body: [UInt8], session: String, _ report: inout TapReport) -> PreparedBatch {
        var batch = listener.begin()
        var repeats = RepeatCounter()
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            do throws(Rejection) {
                let candidate = try listener.candidate(
                    Received(surface: .sdk, session: session, payload: Array(line)))
                batch.add(candidate.tapped, repeats: &repeats)
            } catch {
                batch.reject(error)
                report.problems.append((index + 1, error.reason))
            }
        }
        return batch
    }

    /// The origin of a web page's request, when it is one of `origins`; nil for requests from elsewhere.
    ///
    /// A page in a browser may post to a loopback address without asking; the platform and programs set no origin.
    private func permitted(_ origin: String?, among origins: Set<String>) throws(Problem) -> String? {
        guard let origin, !origins.contains(origin) else { return origin }
        throw Problem(
            .forbidden, "requests from web pages of '\(origin)' are not taken",
            hint: "Post from a program, or name the page's origin when the server is started, for its tap.")
    }

    private static func permission(_ origin: String?) -> HTTPFields {
        guard let origin else { return [:] }
        return [
            .accessControlAllowOrigin: origin, .accessControlAllowMethods: "POST",
            .accessControlAllowHeaders: "content-type", .vary: "Origin",
        ]
    }

    private func body(of request: Request, atMost bytes: Int) async throws -> [UInt8] {
        let reading = BodyReading(maximumBytes: bytes, timeout: options.bodyTimeout)
        do {
            return try await reading.bytes(of: request)
        } catch let problem as Problem where problem.status == .contentTooLarge {
            counters.rejected(.tooLarge)
            throw problem
        }
    }
}

/// What became of the lines of one tap request.
struct TapReport {
    private var recorded = 0
    private var duplicates = 0
    /// Lines that were not taken, from 1, with the reason.
    var problems: [(line: Int, reason: String)] = []
    /// Most problems spelled out in one answer.
    private static let shown = 100

    mutating func count(_ outcome: Outcome) {
        switch outcome {
        case .recorded: recorded += 1
        case .duplicate: duplicates += 1
        case .rejected: break
        }
    }

    /// 200 with the counts; 400 when there were lines and not one of them was good.
    var response: Response {
        let read = recorded + duplicates + problems.count
        var json = Array(
            "{\"read\":\(read),\"recorded\":\(recorded),\"duplicates\":\(duplicates),\"rejected\":\(problems.count)"
                .utf8)
        if !problems.isEmpty {
            if problems.count == read {
                json.append(
                    contentsOf: #","error":"no line is one JSON value","hint":"Send JSON Lines as UTF-8.""#
                        .utf8)
            }
            json.append(contentsOf: #","problems":["#.utf8)
            for (index, problem) in problems.prefix(Self.shown).enumerated() {
                json.append(contentsOf: "\(index > 0 ? "," : ""){\"line\":\(problem.line),\"reason\":".utf8)
                JSONString.append(problem.reason, to: &json)
                json.append(UInt8(ascii: "}"))
            }
            json.append(UInt8(ascii: "]"))
        }
        json.append(contentsOf: "}\n".utf8)
        return Response(json: json, status: read > 0 && problems.count == read ? .badRequest : .ok)
    }
}
