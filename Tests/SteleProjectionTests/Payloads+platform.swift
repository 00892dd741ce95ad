// SPDX-License-Identifier: Apache-2.0

extension Payload {
    /// A group or room operation in the new callback format; `payload` is what stands between its braces.
    static func groupOperation(
        _ operation: String, _ payload: String, group: String, at time: Int64, by: String = "alice",
        room: Bool = false
    ) -> String {
        #"{"callId":"\#(app)_5f1c-\#(operation)-\#(time)","payload":{\#(payload)},"appkey":"\#(app)","#
            + #""id":"\#(group)","type":"\#(room ? "CHATROOM" : "GROUP")","event":"group_op_event","#
            + #""operation":"\#(operation)","operator":"\#(by)","timestamp":\#(time)}"#
    }

    /// The same in the old format; `error` for one that was refused.
    static func oldOperation(
        _ operation: String, group: String, at time: Int64, by: String, to: String, room: Bool = false,
        error: String = "ok"
    ) -> String {
        #"{"chat_type":"muc","callId":"\#(app)_\#(id(at: time, 905))","payload":{"muc_id":"\#(group)","#
            + #""is_chatroom":\#(room),"operation":"\#(operation)","status":{"description":"","error_code":"\#(error)"}},"#
            + #""group_id":"\#(group)","appkey":"\#(app)","from":"\#(by)","to":"\#(to)","eventType":"chat","#
            + #""msg_id":"\#(id(at: time, 905))","timestamp":\#(time)}"#
    }

    /// What a client's `onGroupEvent` is handed.
    static func groupEvent(_ operation: String, _ fields: String, group: String, at time: Int64) -> String {
        #"{"at":\#(time),"flow":"in","handler":"onGroupEvent","event":{"operation":"\#(operation)","#
            + #""id":"\#(group)"\#(fields.isEmpty ? "" : ",")\#(fields)}}"#
    }

    static func keywordAlert(
        _ words: [String], status: String, on target: String, at time: Int64, from: String, to: String
    ) -> String {
        let list = words.map { "\"\($0)\"" }.joined(separator: ",")
        return
            #"{"callId":"\#(app)_ka-\#(time)","alertReason":"\#(status == "refuse" ? "intercepted" : "through")","#
            + #""contentReceiver":"\#(app)_\#(to)@easemob.com","eventType":"keyword_alert","sensitiveWords":[\#(list)],"#
            + #""contentOwner":"\#(app)_\#(from)@easemob.com","contentUri":"msync:\#(target)","contentType":"message","#
            + #""timestamp":\#(time),"chatType":"chat:user:text","status":"\#(status)","appkey":"\#(app)"}"#
    }

    static func moderation(
        _ result: String, _ text: String, on target: String, at time: Int64, from: String, to: String
    ) -> String {
        #"{"callId":"\#(app)_mo-\#(time)","moderationResult":"\#(result)","providerResult":"\#(result)","#
            + #""messageType":"txt","messageId":"\#(target)","targetType":"chat","riskType":"ad","#
            + #""eventType":"moderation","from":"\#(from)","to":"\#(to)","msg":"\#(text)","url":"","#
            + #""timestamp":\#(time),"appkey":"\#(app)"}"#
    }

    static func push(_ status: String, to user: String, of target: String, at time: Int64) -> String {
        #"{"callId":"\#(app)_\#(target)","channel":"APNS","step":"push","detail":"no push binding","chat_type":"chat","#
            + #""msg_id":"\#(target)","status":"\#(status)","target":"\#(user)","timestamp":\#(time),"appkey":"\#(app)"}"#
    }

    static func pin(_ operation: String, _ target: String, by user: String, group: String, at time: Int64)
        -> String
    {
        #"{"at":\#(time),"flow":"in","handler":"onMessagePinEvent","event":{"messageId":"\#(target)","#
            + #""conversationId":"\#(group)","conversationType":"groupChat","operation":"\#(operation)","#
            + #""operatorId":"\#(user)","time":\#(time)}}"#
    }

    static func login(_ user: String, online: Bool, at time: Int64) -> String {
        #"{"callId":"\#(app)_lo-\#(time)","reason":"\#(online ? "login" : "logout")","os":"ios","ip":"127.0.0.1","#
            + #""user":"\#(app)_\#(user)@easemob.com/ios_1","version":"4.9.0","timestamp":\#(time),"appkey":"\#(app)","#
            + #""status":"\#(online ? "online" : "offline")"}"#
    }
}
