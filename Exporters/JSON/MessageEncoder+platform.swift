// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// What the platform did with a message; members are absent where there is nothing to say.
extension MessageEncoder {
    mutating func append(
        _ facts: PlatformFacts, of object: inout JSONObject, _ output: inout [UInt8]
    ) {
        if !facts.attempts.isEmpty {
            object.array("attempted", facts.attempts, &output) { append($0, to: &$1) }
        }
        if facts.isContentReplaced { object.literal("contentReplaced", "true", &output) }
        if !facts.keywordAlerts.isEmpty {
            object.array("keywordAlerts", facts.keywordAlerts, &output) { append($0, to: &$1) }
        }
        if !facts.moderations.isEmpty {
            object.array("moderations", facts.moderations, &output) { append($0, to: &$1) }
        }
        if !facts.pushes.isEmpty {
            object.array("pushes", facts.pushes, &output) { append($0, to: &$1) }
        }
    }

    private mutating func append(_ attempt: Attempt, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("type", attempt.body.type, &output)
        if case .text(let text) = attempt.body { object.string("text", text, &output) }
        object.key("body", &output)
        append(attempt.body, to: &output)
        if let ext = attempt.ext { object.json("ext", ext, &output) }
        if let instant = attempt.time { time("time", instant, of: &object, &output) }
        object.end(&output)
    }

    private mutating func append(_ alert: KeywordMark, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("status", alert.status, &output)
        object.string("reason", alert.reason, &output)
        object.strings("words", alert.words, &output)
        if let instant = alert.time { time("time", instant, of: &object, &output) }
        object.end(&output)
    }

    private mutating func append(_ result: ModerationMark, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("result", result.result, &output)
        object.string("provider", result.provider, &output)
        object.string("risk", result.risk, &output)
        object.string("text", result.text, &output)
        object.string("url", result.url, &output)
        if let instant = result.time { time("time", instant, of: &object, &output) }
        object.end(&output)
    }

    private mutating func append(_ push: PushMark, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("user", push.user?.rawValue, &output)
        object.string("status", push.status, &output)
        object.string("channel", push.channel, &output)
        object.string("detail", push.detail, &output)
        object.string("device", push.device, &output)
        object.string("answer", push.answer, &output)
        if let instant = push.time { time("time", instant, of: &object, &output) }
        object.end(&output)
    }
}
