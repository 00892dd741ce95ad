// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection
import SteleTranscript

/// What a certificate says in plain words, in either language.
struct CertificateWords {
    let say: Wording

    init(_ say: Wording) { self.say = say }

    var title: String { say("Completeness certificate", "完整性证明") }

    func verdict(open: Int, compared: Int, hours: Int) -> String {
        if open > 0 {
            return say(
                open == 1 ? "1 gap is open" : "\(open) gaps are open", "有 \(open) 个缺口未补")
        }
        if hours == 0 { return say("No messages in this span", "此时段没有消息") }
        return compared == hours
            ? say("No gap is open, and every hour was compared", "没有未补的缺口，且每个小时都已核对")
            : say(
                "No gap is open; \(hours - compared) of \(hours) hours were not compared with history",
                "没有未补的缺口；\(hours) 个小时中有 \(hours - compared) 个未与历史消息核对")
    }

    var proves: [String] {
        [
            say(
                "Every message counted here is in the log whose size and root are stated: 'stele verify' holds the log to that root, and anyone can do so without Stele.",
                "此处统计的每条消息都在所述大小和根哈希的日志中：“stele verify”可据此根哈希核对日志，任何人不用 Stele 也能核对。"),
            say(
                "Where an hour is marked as compared with its history file, the platform's own record of that hour was taken in whole, and was compared with the callbacks message by message, by id.",
                "标明已与历史消息文件核对的小时，平台自己的该小时记录已完整导入，并按消息 ID 与回调逐条核对。"),
            say(
                "Where it says agreement, no record tells that the hour's file was whole, but history lines show every message of the hour that a callback showed.",
                "标明“一致”的小时，没有记录表明文件完整，但历史消息包含了回调中出现的该小时的每条消息。"),
        ]
    }

    var doesNotProve: [String] {
        [
            say(
                "That there was nothing more. A message that no callback, no history file, no client and no receipt told of leaves no trace here.",
                "不能证明没有更多消息。回调、历史消息文件、客户端和回执都没有提到的消息，在这里不留痕迹。"),
            say(
                "That the platform's history files are complete. The platform calls them complete about a day later; whether targeted, online-only or thread messages are in them, it does not say.",
                "不能证明平台的历史消息文件本身完整。平台称文件约一天后完整；定向消息、仅在线消息和子区消息是否包含在内，平台没有说明。"),
            say(
                "Anything about receipts, recalls, edits, reactions and group events: history files hold none, so a callback of theirs that was dropped is found only where something else tells of it.",
                "不涉及回执、撤回、修改、表情回复和群组事件：历史消息文件不含这些内容，其丢失的回调只有在别处提到时才能发现。"),
            say(
                "That a silence was a suspension. It is called one because traffic like this hardly ever pauses so long, or because messages are known to be missing in it.",
                "不能证明静默就是回调被停用。之所以这样称呼，是因为这样的流量几乎不会停顿这么久，或已知其间缺少消息。"),
            say(
                "That whoever holds the archive's key did not write the log anew. A checkpoint kept elsewhere shows that.",
                "不能证明持有档案密钥的人没有重写日志。存放在别处的检查点可以证明。"),
        ]
    }

    func basis(_ hour: Reconciliation.Hour) -> String {
        if hour.isCut { return say("file cut short", "文件不完整") }
        return switch hour.basis {
        case .file(.none): say("none sent", "该小时无消息")
        case .file: say("history file", "历史消息文件")
        case .agreement: say("agreement", "一致")
        case nil: say("not compared", "未核对")
        }
    }
}
