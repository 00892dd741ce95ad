// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import SteleEvents
import SteleListener
import SteleLog

/// What an HTTP request got instead of an answer: one shape for all of them.
///
/// ```
/// {"error":"the signature matches none of the app's secrets","hint":"Give the secret of this callback rule …"}
/// ```
struct Problem: Error, Hashable {
    let status: HTTPResponse.Status
    /// What is wrong, as a fact.
    let error: String
    /// The next thing to do: one imperative sentence.
    let hint: String

    init(_ status: HTTPResponse.Status, _ error: String, hint: String) {
        self.status = status
        self.error = error
        self.hint = hint
    }

    init(_ rejection: Rejection) {
        let status: HTTPResponse.Status =
            switch rejection.code {
            case .notJSON, .tooDeep, .unreadable: .badRequest
            case .tooLarge: .contentTooLarge
            case .unsigned, .badSignature, .unknownApp: .unauthorized
            }
        self.init(status, rejection.reason, hint: rejection.remedy)
    }

    init(_ refusal: ReadRefusal) {
        self.init(
            refusal.code == .notFound ? .notFound : .badRequest, refusal.reason, hint: refusal.remedy)
    }

    init(_ failure: LogError) {
        self.init(
            failure.code == .tooLarge ? .contentTooLarge : .serviceUnavailable,
            "nothing was recorded: \(failure)", hint: failure.remedy)
    }

    var response: Response {
        var body: [UInt8] = Array(#"{"error":"#.utf8)
        JSONString.append(error, to: &body)
        body.append(contentsOf: #","hint":"#.utf8)
        JSONString.append(hint, to: &body)
        body.append(contentsOf: "}\n".utf8)
        var response = Response(json: body, status: status)
        // The rest of a body that was refused is not worth reading.
        if status == .contentTooLarge || status == .requestTimeout { response.headers[.connection] = "close" }
        if status == .serviceUnavailable { response.headers[.retryAfter] = "1" }
        return response
    }
}

extension Response {
    /// A JSON text, whole.
    init(json: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }
}

/// Turns every error of a route into the one shape.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    let counters: ServerCounters

    @concurrent
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response
        } catch let rejection as Rejection {
            counters.rejected(rejection.code)
            return Problem(rejection).response
        } catch let refusal as ReadRefusal {
            return Problem(refusal).response
        } catch let failure as LogError {
            counters.failed()
            context.logger.error(
                "the log cannot be written",
                metadata: ["reason": "\(failure)", "remedy": "\(failure.remedy)"])
            return Problem(failure).response
        } catch let error as HTTPError {
            return Problem(
                error.status, error.body ?? error.status.reasonPhrase,
                hint: "See the README for the routes there are."
            ).response
        }
    }
}
