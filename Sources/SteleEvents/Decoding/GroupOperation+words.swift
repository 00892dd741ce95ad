// SPDX-License-Identifier: Apache-2.0

// The three vocabularies of group and room operations, each in this program's one.
extension GroupOperation {
    /// Whom an operation was done to.
    enum Subject {
        /// Whoever did it: a user who joins, leaves, applies or answers.
        case actor
        /// The user the operation names besides the actor.
        case other
        /// The group or room as a whole.
        case everyone
    }

    /// The old callback format (`chat_type` `muc`).
    static func old(_ operation: String) -> (change: Change, subject: Subject) {
        switch operation {
        case "create": (.created, .everyone)
        case "destroy": (.destroyed, .everyone)
        case "apply": (.applied, .actor)
        case "apply_accept": (.accepted, .other)
        case "apply_decline": (.declined, .other)
        case "invite": (.invited, .other)
        case "invite_accept": (.accepted, .actor)
        case "invite_decline": (.declined, .actor)
        case "kick": (.kicked, .other)
        case "ban": (.blocked, .other)
        case "allow": (.unblocked, .other)
        case "update": (.infoUpdated, .everyone)
        case "block": (.shielded, .actor)
        case "unblock": (.unshielded, .actor)
        case "presence": (.joined, .actor)
        case "absence", "leave": (.left, .actor)
        case "direct_joined": (.joined, .other)
        // Spelled so by the platform; the right spelling is taken too, should it be mended.
        case "assing_owner", "assign_owner": (.ownerChanged, .other)
        case "add_admin": (.adminAdded, .other)
        case "remove_admin": (.adminRemoved, .other)
        case "add_mute": (.muted, .other)
        case "remove_mute": (.unmuted, .other)
        case "update_announcement": (.announcement, .everyone)
        case "delete_announcement": (.announcementDeleted, .everyone)
        case "upload_file": (.fileAdded, .everyone)
        case "delete_file": (.fileRemoved, .everyone)
        case "add_user_white_list": (.allowed, .other)
        case "remove_user_white_list": (.disallowed, .other)
        case "ban_group": (.allMuted, .everyone)
        case "remove_ban_group": (.allUnmuted, .everyone)
        case "set_metadata", "delete_metadata": (.attributes, .everyone)
        case "group_member_metadata_update": (.attributes, .other)
        default: (.other, .other)
        }
    }

    /// The new callback format (`group_op_event`): the operation, and the payload's `type`.
    ///
    /// What depends on more than these two (`UPDATE/MUTE` may mute or unmute) is decided by its decoder.
    static func new(_ operation: String, _ type: String) -> Change {
        switch (operation, type) {
        case ("CREATE", _): .created
        case ("DELETE", _): .destroyed
        case ("UPDATE", "INFO"): .infoUpdated
        case ("UPDATE", "ANNOUNCEMENT"): .announcement
        case ("UPDATE", "MUTE"): .allMuted
        case ("UPDATE", "OWNER"): .ownerChanged
        case ("UPDATE", "DISABLE"): .disabled
        case ("JOIN", _): .joined
        case ("LEAVE", "KICK"), ("LEAVE", "BLOCK"): .kicked
        case ("LEAVE", _): .left
        case ("MUTE", "ADD"): .muted
        case ("MUTE", "REMOVE"): .unmuted
        case ("BLOCK", "ADD"): .blocked
        case ("BLOCK", "REMOVE"): .unblocked
        case ("WHITE", "ADD"): .allowed
        case ("WHITE", "REMOVE"): .disallowed
        case ("ADMIN", "ADD"), ("ROOM_SUPER_ADMIN", "ADD"): .adminAdded
        case ("ADMIN", "REMOVE"), ("ROOM_SUPER_ADMIN", "REMOVE"): .adminRemoved
        case ("SHARE_FILE", "ADD"): .fileAdded
        case ("SHARE_FILE", "REMOVE"): .fileRemoved
        case ("SHIELD", "ADD"): .shielded
        case ("SHIELD", "REMOVE"): .unshielded
        default: .other
        }
    }

    /// The SDK's `onGroupEvent` and `onChatroomEvent`.
    static func sdk(_ operation: String) -> (change: Change, subject: Subject) {
        switch operation {
        case "create": (.created, .everyone)
        case "destroy": (.destroyed, .everyone)
        case "requestToJoin": (.applied, .actor)
        case "acceptRequest": (.accepted, .other)
        case "joinPublicGroupDeclined": (.declined, .other)
        case "inviteToJoin": (.invited, .other)
        case "acceptInvite": (.accepted, .actor)
        case "rejectInvite": (.declined, .actor)
        case "removeMember": (.kicked, .other)
        case "unblockMember": (.unblocked, .other)
        case "updateInfo": (.infoUpdated, .everyone)
        case "memberPresence": (.joined, .actor)
        case "membersPresence": (.joined, .other)
        case "memberAbsence": (.left, .actor)
        case "membersAbsence": (.left, .other)
        case "directJoined": (.joined, .other)
        case "changeOwner": (.ownerChanged, .other)
        case "setAdmin": (.adminAdded, .other)
        case "removeAdmin": (.adminRemoved, .other)
        case "muteMember": (.muted, .other)
        case "unmuteMember": (.unmuted, .other)
        case "updateAnnouncement": (.announcement, .everyone)
        case "deleteAnnouncement": (.announcementDeleted, .everyone)
        case "uploadFile": (.fileAdded, .everyone)
        case "deleteFile": (.fileRemoved, .everyone)
        case "addUserToAllowlist": (.allowed, .other)
        case "removeAllowlistMember": (.disallowed, .other)
        case "muteAllMembers": (.allMuted, .everyone)
        case "unmuteAllMembers": (.allUnmuted, .everyone)
        case "updateChatRoomAttributes", "removeChatRoomAttributes": (.attributes, .everyone)
        case "memberAttributesUpdate": (.attributes, .other)
        default: (.other, .other)
        }
    }
}
