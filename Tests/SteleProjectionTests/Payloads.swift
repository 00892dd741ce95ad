// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// Payloads as the platform writes them, with only what a test is about.
enum Payload {
    static let app = "org#shop"

    /// An id of the platform's layout for a time in milliseconds.
    static func id(at milliseconds: Int64, _ number: Int = 0) -> String {
        let seconds = milliseconds / 1000 - 1_417_564_800
        return String(seconds << 32 | (milliseconds % 1000) << 22 | Int64(number) << 12 | 7)
    }

    static func text(
        _ text: String, id: String, at time: Int64, from: String, to: String, group: Bool = false,
        app: String = app, content: String? = nil, offline: String? = nil, ext: String = "{}"
    ) -> String {
        message(
            #"{"type":"txt","msg":\#(quoted(text))}"#, id: id, at: time, from: from, to: to, group: group, app: app,
            content: content, offline: offline, ext: ext)
    }

    static func message(
        _ body: String, id: String, at time: Int64, from: String, to: String, group: Bool = false,
        app: String = app, content: String? = nil, offline: String? = nil, ext: String = "{}"
    ) -> String {
        let kind = group ? #""groupchat","group_id":"\#(to)""# : #""chat""#
        let content = content.map { #","content_type":"\#($0)""# } ?? ""
        return #"{"callId":"\#(app)_\#(id)","eventType":"\#(offline == nil ? "chat" : "chat_offline")","#
            + #""timestamp":\#(time),"chat_type":\#(kind),"from":"\#(from)","to":"\#(offline ?? to)","#
            + #""msg_id":"\#(id)","payload":{"ext":\#(ext),"bodies":[\#(body)]},"appkey":"\#(app)"\#(content)}"#
    }

    static func history(_ text: String, id: String, at time: Int64, from: String, to: String, kind: String = "chat")
        -> String
    {
        #"{"msg_id":"\#(id)","timestamp":\#(time),"direction":"outgoing","to":"\#(to)","from":"\#(from)","#
            + #""chat_type":"\#(kind)","payload":{"bodies":[{"msg":\#(quoted(text)),"type":"txt"}],"ext":{},"#
            + #""from":"\#(from)","to":"\#(to)"}}"#
    }

    static func preSend(_ text: String, id: String, at time: Int64, from: String, to: String) -> String {
        #"{"callId":"\#(app)_0990a64f-0000-4000-8696-cf3b48b20e7e","timestamp":\#(time),"chat_type":"chat","#
            + #""from":"\#(from)","to":"\#(to)","msg_id":"\#(id)","payload":{"msg":\#(quoted(text)),"type":"txt"}}"#
    }

    static func received(_ text: String, id: String, at time: Int64, from: String, to: String, kind: String)
        -> String
    {
        #"{"at":\#(time + 40),"flow":"in","handler":"onTextMessage","message":{"id":"\#(id)","type":"txt","#
            + #""chatType":"\#(kind)","msg":\#(quoted(text)),"to":"\#(to)","from":"\#(from)","time":\#(time),"ext":{}}}"#
    }

    static func edit(
        _ text: String, of target: String, count: Int, at time: Int64, sent: Int64, from: String, to: String,
        group: Bool = false
    ) -> String {
        let kind = group ? "chat:group" : "chat:user"
        return #"{"callId":"\#(app)_\#(id(at: time, 900))","eventType":"chat","chat_type":"edit","payload":{"#
            + #""edit_message_id":"\#(target)","ext":{},"bodies":[{"msg":\#(quoted(text)),"type":"txt"}],"meta":{"#
            + #""edit_msg":{"chat_type":"\#(kind)","send_time":\#(sent),"edit_time":\#(time),"sender":"\#(from)","#
            + #""count":\#(count),"operator":"\#(from)"}},"type":"edit"},"appkey":"\#(app)","from":"\#(from)","#
            + #""to":"\#(to)","msg_id":"\#(id(at: time, 900))","timestamp":\#(time)}"#
    }

    static func recall(_ target: String, at time: Int64, from: String, to: String) -> String {
        #"{"chat_type":"recall","callId":"\#(app)_\#(id(at: time, 901))","payload":{"ext":{},"#
            + #""ack_message_id":"\#(target)","bodies":[]},"appkey":"\#(app)","from":"\#(from)","#
            + #""recall_id":"\#(target)","to":"\#(to)","eventType":"chat","msg_id":"\#(id(at: time, 901))","#
            + #""timestamp":\#(time)}"#
    }

    static func read(_ target: String, at time: Int64, by reader: String, to: String) -> String {
        #"{"chat_type":"read_ack","callId":"\#(app)_\#(id(at: time, 902))","payload":{"ext":{},"#
            + #""ack_message_id":"\#(target)","bodies":[]},"appkey":"\#(app)","from":"\#(reader)","to":"\#(to)","#
            + #""eventType":"chat","msg_id":"\#(id(at: time, 902))","timestamp":\#(time)}"#
    }

    static func conversationRead(at time: Int64, by reader: String, to: String) -> String {
        #"{"callId":"\#(app)_\#(id(at: time, 903))","eventType":"chat","chat_type":"channel_ack","payload":{"#
            + #""ack_message_id":"\#(id(at: time - 1, 0))","type":"channel_ack"},"appkey":"\#(app)","#
            + #""from":"\#(reader)","to":"\#(to)","msg_id":"\#(id(at: time, 903))","timestamp":\#(time)}"#
    }

    static func reaction(_ name: String, by users: [String], on target: String, at time: Int64, to: String) -> String {
        let list = users.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"chat_type":"notify","payload":{"data":[{"messageId":"\#(target)","from":"\#(users.first ?? "a")","#
            + #""reactions":[{"reaction":"\#(name)","userList":[\#(list)],"count":\#(users.count)}],"to":"\#(to)","#
            + #""channel_type":"chat","ts":\#(time)}],"num":1,"channel_type":"chat","type":"reaction"},"#
            + #""appkey":"\#(app)","from":"admin","to":"\#(to)","eventType":"chat","msg_id":"\#(id(at: time, 904))","#
            + #""timestamp":\#(time)}"#
    }

    static func joined(_ user: String, group: String, at time: Int64, room: Bool = false) -> String {
        #"{"callId":"\#(app)_34092a82-\#(time)","payload":{"member":["\#(user)"],"type":"DIRECT"},"#
            + #""appkey":"\#(app)","id":"\#(group)","type":"\#(room ? "CHATROOM" : "GROUP")","#
            + #""event":"group_op_event","operation":"JOIN","operator":"@ppAdmin","member_count":4,"#
            + #""timestamp":\#(time)}"#
    }

    static func send(_ text: String, ref: String, to: String, kind: String, at time: Int64, receivers: [String] = [])
        -> String
    {
        let list = receivers.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"at":\#(time),"flow":"out","call":"send","ref":"\#(ref)","options":{"type":"txt","to":"\#(to)","#
            + #""chatType":"\#(kind)","msg":\#(quoted(text))"#
            + (receivers.isEmpty ? "" : #","receiverList":[\#(list)]"#) + "}}"
    }

    static func resolved(_ id: String, ref: String, at time: Int64) -> String {
        #"{"at":\#(time),"flow":"out","ref":"\#(ref)","resolved":{"localMsgId":"l\#(ref)","serverMsgId":"\#(id)"}}"#
    }

    static func rejected(_ code: Int, _ reason: String, ref: String, at time: Int64) -> String {
        #"{"at":\#(time),"flow":"out","ref":"\#(ref)","rejected":{"type":\#(code),"message":"\#(reason)","#
            + #""data":{"id":"l\#(ref)"}}}"#
    }

    private static func quoted(_ text: String) -> String {
        var output: [UInt8] = []
        JSONString.append(text, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
