// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import NIOCore
import SteleEvents

/// The routes of the read side: the command's own words, over HTTP.
struct ReadRoutes<Context: RequestContext>: Sendable {
    let readSide: ReadSide

    func add(to router: some RouterMethods<Context>) {
        let routes = router.group("api")
        routes.get("conversations") { request, _ in
            try await lines(readSide.conversations(QueryParameters(request).viewpoint))
        }
        // An App Key in front of the name brings a slash with it, so the name may be two steps of the path.
        routes.get("conversations/**") { request, context in
            let parts = context.parameters.getCatchAll().map { $0.removingPercentEncoding ?? String($0) }
            guard parts.count > 1, parts.last == "messages" else {
                throw Problem(
                    .notFound, "there is no such resource", hint: "Ask for /api/conversations/NAME/messages.")
            }
            return try await messages(of: parts.dropLast().joined(separator: "/"), request)
        }
        routes.get("search") { request, _ in try await search(request) }
        routes.get("gaps") { request, _ in
            let parameters = QueryParameters(request)
            let query = GapsQuery(
                app: parameters.text("app").map { AppKey($0) }, from: try parameters.instant("from"),
                to: try parameters.instant("to"), wantsClosed: parameters.text("all") != nil)
            return try await lines(readSide.gaps(query))
        }
        routes.get("status") { _, _ in Response(json: try await readSide.status()) }
    }

    private func messages(of conversation: String, _ request: Request) async throws -> Response {
        let parameters = QueryParameters(request)
        let query = MessagesQuery(
            conversation: conversation, from: try parameters.instant("from"),
            to: try parameters.instant("to"),
            limit: try parameters.count("limit"), viewpoint: parameters.viewpoint,
            explains: try parameters.flag("explain"))
        guard let pages = try await readSide.messages(query) else {
            throw Problem(
                .notFound, "there is no conversation '\(conversation)'",
                hint: "See /api/conversations for the names there are.")
        }
        return try await lines(pages)
    }

    private func search(_ request: Request) async throws -> Response {
        let parameters = QueryParameters(request)
        guard let text = parameters.text("q"), !text.isEmpty else {
            throw Problem(.badRequest, "nothing to search for", hint: "Give the text as ?q=TEXT.")
        }
        let query = SearchQuery(
            text: text, conversation: parameters.text("conversation"),
            sender: parameters.text("sender").map { UserID($0) }, from: try parameters.instant("from"),
            to: try parameters.instant("to"), limit: try parameters.count("limit"),
            viewpoint: parameters.viewpoint)
        return try await lines(readSide.search(query))
    }

    /// Streams a list as it is read: memory holds one page.
    private func lines(_ pages: @escaping ReadSide.Pages) async throws -> Response {
        // The first page before the head, so that a failure still gets a proper answer.
        let first = try await pages()
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson; charset=utf-8"],
            body: ResponseBody { writer in
                var page = first
                while let bytes = page {
                    try await writer.write(ByteBuffer(bytes: bytes))
                    page = try await pages()
                }
                try await writer.finish(nil)
            })
    }
}

/// The part of a request's address behind `?`.
struct QueryParameters {
    private let request: Request

    init(_ request: Request) { self.request = request }

    func text(_ name: String) -> String? { request.uri.queryParameters[Substring(name)].map(String.init) }

    var viewpoint: ViewpointQuery {
        ViewpointQuery(
            asOf: text("as-of"), clock: text("clock"), asSeenBy: text("as-seen-by").map { UserID($0) })
    }

    func flag(_ name: String) throws(Problem) -> Bool {
        switch text(name) {
        case nil, "false": return false
        case "", "true": return true
        default:
            throw Problem(.badRequest, "'\(name)' is neither true nor false", hint: "Write ?\(name)=true.")
        }
    }

    func instant(_ name: String) throws(Problem) -> Instant? {
        guard let text = text(name) else { return nil }
        if let instant = Instant(rfc3339: text) ?? Instant(rfc3339: text + "T00:00:00Z") { return instant }
        throw Problem(
            .badRequest, "'\(name)' is not a time", hint: "Write it as 2026-11-23T02:40:00Z or 2026-11-23.")
    }

    func count(_ name: String) throws(Problem) -> Int? {
        guard let text = text(name) else { return nil }
        if let count = Int(text), count > 0 { return count }
        throw Problem(.badRequest, "'\(name)' is not a number above 0", hint: "Write it in digits.")
    }
}
