// SPDX-License-Identifier: Apache-2.0

public import SteleEvents

extension Wording {
    /// A sentence for something done to a group or room, its people called as `name` says: `Mei invited Jun, Tao`.
    ///
    /// `until` is the end of a mute or block, written as the format writes times.
    public func notice(
        _ operation: GroupOperation, until: String? = nil, name: (UserID) -> String
    ) -> String {
        var sentence = deed(operation, name: name)
        if let until { sentence += self(" until \(until)", "，至 \(until)") }
        if let text = operation.text, !text.isEmpty { sentence += self(": ", "：") + text }
        guard operation.succeeded else {
            let why = operation.failure.map { self(": ", "：") + $0 } ?? ""
            return sentence + self(" (refused\(why))", "（未成功\(why)）")
        }
        return sentence
    }

    private func deed(_ operation: GroupOperation, name: (UserID) -> String) -> String {
        let by = operation.by.map(name) ?? self("Someone", "有人")
        // Of what was done to a client's own user, the client names nobody.
        let nobody = self("a member", "一名成员")
        let named = operation.members.map(name).joined(separator: self(", ", "、"))
        let whom = named.isEmpty ? nobody : named
        let them = named.isEmpty ? by : named
        let what = operation.name ?? self("the conversation", "会话")
        switch operation.change {
        case .created:
            let members = named.isEmpty ? "" : self(" with \(named)", "，成员 \(named)")
            return self("\(by) created \(what)", "\(by) 创建了\(what)") + members
        case .destroyed: return self("\(by) dissolved \(what)", "\(by) 解散了\(what)")
        case .joined: return self("\(them) joined", "\(them) 加入")
        case .left: return self("\(them) left", "\(them) 离开")
        case .kicked: return self("\(by) removed \(whom)", "\(by) 移出了 \(whom)")
        case .invited: return self("\(by) invited \(whom)", "\(by) 邀请了 \(whom)")
        case .applied: return self("\(them) asked to join", "\(them) 申请加入")
        case .accepted: return self("\(them) came in by request or invitation", "\(them) 经申请或邀请加入")
        case .declined: return self("\(them) did not come in: declined", "\(them) 未加入：已拒绝")
        case .ownerChanged:
            guard let owner = operation.owner.map(name) ?? (named.isEmpty ? nil : named) else {
                return self("\(by) changed the owner", "\(by) 变更了群主")
            }
            let former =
                operation.formerOwner.map { self(", no longer \(name($0))", "（原群主 \(name($0))）") } ?? ""
            return self("\(owner) is the owner now", "群主变更为 \(owner)") + former
        case .adminAdded: return self("\(whom) is an admin now", "\(whom) 成为管理员")
        case .adminRemoved: return self("\(whom) is no longer an admin", "\(whom) 不再是管理员")
        case .muted: return self("\(by) muted \(whom)", "\(by) 将 \(whom) 禁言")
        case .unmuted: return self("\(by) unmuted \(whom)", "\(by) 解除了 \(whom) 的禁言")
        case .allMuted: return self("\(by) muted everyone", "\(by) 开启了全员禁言")
        case .allUnmuted: return self("\(by) unmuted everyone", "\(by) 解除了全员禁言")
        case .blocked: return self("\(by) blocked \(whom)", "\(by) 将 \(whom) 加入黑名单")
        case .unblocked: return self("\(by) unblocked \(whom)", "\(by) 将 \(whom) 移出黑名单")
        case .allowed: return self("\(by) put \(whom) on the allow list", "\(by) 将 \(whom) 加入白名单")
        case .disallowed: return self("\(by) took \(whom) off the allow list", "\(by) 将 \(whom) 移出白名单")
        case .announcement: return self("\(by) changed the announcement", "\(by) 更新了公告")
        case .announcementDeleted: return self("\(by) deleted the announcement", "\(by) 删除了公告")
        case .infoUpdated:
            let name = operation.name.map { self(" (\($0))", "（\($0)）") } ?? ""
            return self("\(by) changed the group's details", "\(by) 修改了群组资料") + name
        case .fileAdded: return self("\(by) shared a file", "\(by) 上传了共享文件")
        case .fileRemoved: return self("\(by) removed a shared file", "\(by) 删除了共享文件")
        case .attributes:
            return named.isEmpty
                ? self("\(by) changed attributes", "\(by) 修改了属性")
                : self("\(by) changed attributes of \(named)", "\(by) 修改了 \(named) 的属性")
        case .disabled: return self("The group was disabled", "群组已被禁用")
        case .enabled: return self("The group was enabled again", "群组已恢复")
        case .shielded: return self("\(by) silenced this group for themselves", "\(by) 屏蔽了群消息")
        case .unshielded: return self("\(by) hears this group again", "\(by) 取消屏蔽群消息")
        case .other: return "\(by): \(operation.operation)" + (named.isEmpty ? "" : " (\(named))")
        }
    }
}
