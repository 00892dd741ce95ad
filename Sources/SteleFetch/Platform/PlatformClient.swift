// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SteleEvents

/// Speaks the platform's REST API for one app: with its token, within its rate, again when it failed.
///
/// Owned by one task: the token and the rate are its state.
struct PlatformClient {
    /// The largest answer of the API, in bytes; files are fetched otherwise.
    static let maximumAnswerBytes = 1 << 20

    let address: PlatformAddress
    private let client: HTTPClient
    private let credential: Credential
    private let timeoutSeconds: Int64
    private let pacing: Pacing
    private let backOff: BackOff
    private var gate: RateGate
    private var token: String?

    init(
        _ address: PlatformAddress, _ credential: Credential, client: HTTPClient,
        options: HistoryFetchOptions,
        pacing: Pacing
    ) {
        self.address = address
        self.credential = credential
        self.client = client
        self.pacing = pacing
        timeoutSeconds = options.timeoutSeconds
        backOff = BackOff(tries: options.tries)
        gate = RateGate(limit: options.requestsPerMinute)
        if case .token(let token) = credential { self.token = token }
    }

    /// An answer that says something: success, or a refusal of this very request.
    struct Answer {
        let status: UInt
        let body: JSONValue?
        /// The platform's word for what is wrong: `storage_object_not_found`.
        var error: String { body?["error"]?.string ?? "" }
        var errorDescription: String { body?["error_description"]?.string ?? "" }
    }

    /// Gets a resource.
    ///
    /// Waits for its turn. Silence, 429 and 5xx are tried again; a token that is no longer believed is renewed once.
    ///
    /// - Returns: 200, 400, 403 or 404, with what was said.
    /// - Throws: ``FetchError``.
    mutating func get(_ resource: String) async throws -> Answer {
        var hasRenewed = false
        var number = 1
        while true {
            try await pacing.sleep(gate.delay(at: pacing.now()))
            var request = HTTPClientRequest(url: address.url(resource))
            request.headers.add(name: "Authorization", value: "Bearer \(try await validToken())")
            let outcome = await send(request)
            switch outcome {
            case .answer(let answer) where answer.status == 401:
                guard case .client = credential, !hasRenewed else { throw Self.unauthorized(answer) }
                token = nil
                hasRenewed = true
            case .answer(let answer): return answer
            case .again(let reason, let asked):
                guard let delay = backOff.delay(afterTry: number, asked: asked) else {
                    throw FetchError(
                        .unreachable, "the platform did not answer \(number) times: \(reason)",
                        remedy:
                            "Check --base-url and the network, then run it again: it goes on where it stopped."
                    )
                }
                number += 1
                try await pacing.sleep(delay)
            }
        }
    }

    // MARK: The token

    /// The token to send, had for the client's credentials when there is none yet.
    private mutating func validToken() async throws -> String {
        if let token { return token }
        guard case .client(let id, let secret) = credential else { return "" }
        var body: [UInt8] = Array(#"{"grant_type":"client_credentials","client_id":"#.utf8)
        JSONString.append(id, to: &body)
        body.append(contentsOf: #","client_secret":"#.utf8)
        JSONString.append(secret, to: &body)
        body.append(UInt8(ascii: "}"))
        var number = 1
        while true {
            var request = HTTPClientRequest(url: address.url("token"))
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
            switch await send(request) {
            case .answer(let answer):
                guard answer.status == 200, let fresh = answer.body?["access_token"]?.string, !fresh.isEmpty
                else {
                    throw Self.unauthorized(answer)
                }
                token = fresh
                return fresh
            case .again(let reason, let asked):
                guard let delay = backOff.delay(afterTry: number, asked: asked) else {
                    throw FetchError(
                        .unreachable,
                        "no token was to be had, the platform did not answer \(number) times: \(reason)",
                        remedy: "Check --base-url and the network, then run it again.")
                }
                number += 1
                try await pacing.sleep(delay)
            }
        }
    }

    private static func unauthorized(_ answer: Answer) -> FetchError {
        let said = answer.error.isEmpty ? "" : " (\(answer.error))"
        return FetchError(
            .unauthorized, "the platform does not believe the credentials: status \(answer.status)\(said)",
            remedy:
                "Give a valid app token with --token-file or STELE_TOKEN, or the app's client id and secret with --client-file."
        )
    }

    // MARK: One request

    private enum Outcome {
        case answer(Answer)
        /// Nothing that says anything about the request: another try may succeed.
        case again(reason: String, after: Duration?)
    }

    private func send(_ request: HTTPClientRequest) async -> Outcome {
        var request = request
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "stele")
        do {
            let response = try await client.execute(request, timeout: .seconds(timeoutSeconds))
            let body = try await response.body.collect(upTo: Self.maximumAnswerBytes)
            switch response.status.code {
            case 200, 300..<400, 400, 401, 403, 404:
                // Whatever is not JSON says nothing more than its status.
                let document = try? JSONDocument(Array(body.readableBytesView))
                return .answer(Answer(status: response.status.code, body: document?.root))
            case 429:
                return .again(reason: "too many requests", after: Self.retryAfter(response) ?? .seconds(60))
            default:
                return .again(reason: "status \(response.status.code)", after: Self.retryAfter(response))
            }
        } catch {
            return .again(reason: Self.reason(error), after: nil)
        }
    }

    static func retryAfter(_ response: HTTPClientResponse) -> Duration? {
        response.headers.first(name: "Retry-After").flatMap(Int64.init).map { .seconds(max(0, $0)) }
    }

    /// An error in words, without the request: its headers hold the token.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case is NIOTooManyBytesError: "the answer is larger than \(maximumAnswerBytes) bytes"
        default: "\(error)"
        }
    }
}
