// SPDX-License-Identifier: Apache-2.0

public import SteleEvents

// From where a transcript is read, and what is not seen from there.
extension Wording {
    /// `as of 2026-11-20 09:30 +08:00 (clock happened) · as seen by lin`; nil for the archive's own view of now.
    public func viewpoint(of header: TranscriptHeader, clock: inout ZonedClock) -> String? {
        var parts: [String] = []
        if let asOf = header.asOf {
            let point =
                switch asOf.point {
                case .sequence(let sequence): self("record \(sequence)", "记录 \(sequence)")
                case .time(let instant): clock.exactText(instant)
                }
            parts.append(
                self("as of \(point) (clock \(asOf.clock))", "截至 \(point)（时钟 \(asOf.clock)）"))
        }
        if let viewer = header.seenBy { parts.append(self("as seen by \(viewer)", "\(viewer) 所见")) }
        return parts.isEmpty ? nil : parts.joined(separator: " · ")
    }

    /// `not a member then: left 2026-11-20 09:30 +08:00`.
    public func hidden(_ reason: HiddenReason, clock: inout ZonedClock) -> String {
        switch reason {
        case .sentLater: return self("sent later", "当时尚未发送")
        case .notParticipant: return self("a chat of two others", "他人之间的单聊")
        case .notMember(nil, nil):
            return self("not a member: no record tells that they ever were", "不是成员：没有加入的记录")
        case .notMember(let since, let until):
            let left = since.map { self("left ", "离开于 ") + clock.exactText($0) }
            let joined = until.map { self("joined ", "加入于 ") + clock.exactText($0) }
            return self("not a member then: ", "当时不是成员：")
                + [left, joined].compactMap(\.self).joined(separator: self(", ", "，"))
        case .refused: return self("refused by the platform", "被平台拒绝")
        case .attempted: return self("attempted: no proof that it was sent", "仅尝试发送：没有已发送的证据")
        case .targeted: return self("targeted to others", "定向给他人")
        case .command: return self("a command, which nobody reads", "透传消息，不作为内容显示")
        case .offline(let since):
            return self("for those online; offline since ", "仅投递在线用户；离线自 ") + clock.exactText(since)
        case .recalled(let time):
            return self("recalled", "已撤回") + (time.map { " " + clock.exactText($0) } ?? "")
        case .notArchived:
            return self("what it said then is in no record", "没有记录当时的内容")
        }
    }
}
