// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import Testing

/// Forms the samples do not show: each row is a payload and the row of `expected.tsv` it would have.
struct DecodingTests {
    static func columns(_ json: String, _ surface: Surface, isPreSend: Bool = false, app: AppKey? = nil)
        throws
        -> [String]
    {
        let root = try JSONDocument(text: json).root
        return EventSummary.columns(
            of: Event.decode(root, surface: surface, isPreSend: isPreSend, app: app, session: nil))
    }

    @Test(
        "callbacks",
        arguments: [
            // Ids and times as the other JSON type.
            (
                #"{"chat_type":"chat","from":"A","to":"B","msg_id":1418038744321099732,"timestamp":"1747727673580","payload":{"bodies":[{"type":"txt","msg":"x"}]}}"#,
                "message|chat:a:b|a|b|txt x|2025-05-20T07:54:33.580Z|1418038744321099732|-"
            ),
            // A body written as a command's text, the older list of custom fields alone, an animated image.
            (
                #"{"chat_type":"chat","from":"a","to":"b","payload":{"bodies":[{"type":"cmd","msg":"run"}]}}"#,
                "message|chat:a:b|a|b|cmd run|-|-|-"
            ),
            (
                #"{"chat_type":"chat","from":"a","to":"b","payload":{"bodies":[{"type":"custom","customEvent":"e","customExts":[{"k":"v"},{"n":1}]}]}}"#,
                "message|chat:a:b|a|b|custom e k=v n=1|-|-|-"
            ),
            (
                #"{"chat_type":"chat","from":"a","to":"b","payload":{"bodies":[{"type":"img","url":"u","subType":"sub_gif"}]}}"#,
                "message|chat:a:b|a|b|img url=u gif|-|-|-"
            ),
            // A thread's message names its parents in `meta`.
            (
                #"{"chat_type":"groupchat","group_id":"77","from":"a","to":"77","payload":{"meta":{"thread":{"msg_parent_id":"9","thread_name":"t","muc_parent_id":"5"}},"bodies":[{"type":"txt","msg":"x"}]}}"#,
                "message thread(message=9 group=5 name=t)|thread:77|a|77|txt x|-|-|-"
            ),
            // The app is in the callId where nothing else names it.
            (
                #"{"callId":"org#app_1-2-3","chat_type":"chat","from":"org#app_a_b@easemob.com/ios_1","to":"c","payload":{}}"#,
                "message|chat:a_b:c|a_b|c|unknown|-|-|org#app"
            ),
            // An offline member's callback without the group's id tells no conversation.
            (
                #"{"eventType":"chat_offline","chat_type":"groupchat","from":"a","to":"m","payload":{}}"#,
                "message offline=m|-|a|-|unknown|-|-|-"
            ),
            // Two messages in one reaction notice.
            (
                #"{"chat_type":"notify","timestamp":7,"payload":{"type":"reaction","data":[{"messageId":"1","from":"a","to":"b","channel_type":"chat","reactions":[]},{"messageId":"2","to":"5","channel_type":"groupchat","ts":9,"reactions":[{"reaction":"r","userList":["x"]}]}]}}"#,
                "batch|-|-|-|[reactions chat:a:b - 1 - 1970-01-01T00:00:00.007Z - -] [reactions group:5 - 2 r×1:x 1970-01-01T00:00:00.009Z - -]|1970-01-01T00:00:00.007Z|-|-"
            ),
            (
                #"{"chat_type":"edit","from":"x","to":"b","payload":{"edit_message_id":"1","from":"a","to":"5","meta":{"edit_msg":{"chat_type":"chat:room","sender":"a"}},"bodies":[{"type":"txt","msg":"n"}]}}"#,
                "edit|room:5|a|5|target=1 txt n|-|-|-"
            ),
            (
                #"{"chat_type":"read_ack","from":"r","to":"5","payload":{"ack_message_id":"1","msg_config":{"allow_group_ack":true},"ack_content":"ok"}}"#,
                "read group|-|r|5|target=1 content=ok|-|-|-"
            ),
            (#"{"chat_type":"recall","from":"r","to":"a","payload":{}}"#, "unknown|-|-|-|-|-|-|-"),
            // A refused operation of the old format.
            (
                #"{"chat_type":"muc","group_id":"5","from":"a","to":"b","payload":{"operation":"invite","is_chatroom":"true","status":{"error_code":"forbidden"}}}"#,
                "group|room:5|a|-|invite invited members=b failed=forbidden|-|-|-"
            ),
            (
                #"{"chat_type":"muc","from":"a","payload":{"muc_id":"o#p_5@conference.easemob.com","operation":"fly"}}"#,
                "group|group:5|a|-|fly other|-|-|-"
            ),
            // The new format: no single room, an unknown operation, announcement and mute taken away.
            (
                #"{"event":"group_op_event","id":"","type":"CHATROOM","operation":"ROOM_SUPER_ADMIN","payload":{"type":"ADD","admin":["A"]}}"#,
                "group|-|-|-|ROOM_SUPER_ADMIN/ADD adminAdded members=a|-|-|-"
            ),
            (
                #"{"event":"group_op_event","id":5,"type":"CHATROOM","operation":"FLY","payload":{"type":"HIGH"}}"#,
                "group|room:5|-|-|FLY/HIGH other|-|-|-"
            ),
            (
                #"{"event":"group_op_event","id":"5","operation":"DELETE","operator":"a"}"#,
                "group|group:5|a|-|DELETE destroyed|-|-|-"
            ),
            (
                #"{"event":"group_op_event","id":"5","operation":"UPDATE","payload":{"type":"ANNOUNCEMENT"}}"#,
                "group|group:5|-|-|UPDATE/ANNOUNCEMENT announcementDeleted|-|-|-"
            ),
            (
                #"{"event":"group_op_event","id":"5","operation":"UPDATE","payload":{"type":"MUTE","mute":"false"}}"#,
                "group|group:5|-|-|UPDATE/MUTE allUnmuted|-|-|-"
            ),
            (
                #"{"event":"group_op_event","id":"5","operation":"UPDATE","payload":{"type":"DISABLE","disable":false}}"#,
                "group|group:5|-|-|UPDATE/DISABLE enabled|-|-|-"
            ),
            (
                #"{"event":"group_op_event","id":"5","operation":"SHARE_FILE","payload":{"type":"ADD","share_file":[{"file_name":"a.csv"}]}}"#,
                #"group|group:5|-|-|SHARE_FILE/ADD fileAdded text=a.csv details=[{"file_name":"a.csv"}]|-|-|-"#
            ),
            (#"{"chat_type":"telepathy"}"#, "unknown|-|-|-|-|-|-|-"), ("[]", "unknown|-|-|-|-|-|-|-"),
        ])
    func callbacks(json: String, row: String) throws {
        #expect(try Self.columns(json, .callback).joined(separator: "|") == row)
    }

    @Test("pre-send callbacks have a body, or bodies")
    func preSend() throws {
        let flat =
            #"{"chat_type":"group","group_id":"5","from":"a","to":"5","payload":{"type":"txt","msg":"x"}}"#
        let listed =
            #"{"chat_type":"chatroom","from":"a","to":"5","payload":{"bodies":[{"type":"txt","msg":"x"}]}}"#
        #expect(
            try Self.columns(flat, .callback, isPreSend: true).prefix(5) == [
                "message attempted", "group:5", "a", "5", "txt x",
            ])
        #expect(
            try Self.columns(listed, .callback, isPreSend: true).prefix(5) == [
                "message attempted", "room:5", "a", "5", "txt x",
            ])
        #expect(try Self.columns(flat, .callback).first == "unknown")
    }

    @Test(
        "SDK lines",
        arguments: [
            (
                #"{"at":1000,"flow":"in","handler":"onMessage","message":[{"id":"1","type":"txt","msg":"x","chatType":"singleChat","from":"a","to":"B"},{"id":"2","type":"cmd","action":"c","chatType":"groupChat","from":"a","to":"5","time":2000}]}"#,
                "batch|-|-|-|[message chat:a:b a b txt x 1970-01-01T00:00:01.000Z 1 -] [message group:5 a 5 cmd c 1970-01-01T00:00:02.000Z 2 -]|1970-01-01T00:00:01.000Z|-|-"
            ),
            (
                #"{"handler":"onMessage","message":{"id":"1","type":"voice","url":"u","length":3,"chatType":"chatRoom","from":"a","to":"5","isContentReplaced":true,"reactions":[]}}"#,
                "message reactions replaced|room:5|a|5|audio url=u seconds=3|-|1|-"
            ),
            (
                #"{"at":5,"handler":"onGroupEvent","event":{"operation":"memberPresence","id":"5","from":"A"}}"#,
                "group|group:5|a|-|memberPresence joined members=a|1970-01-01T00:00:00.005Z|-|-"
            ),
            (
                #"{"handler":"onReceivedMessage","event":{"id":"5","mid":"9","to":"b"}}"#,
                "accepted|-|-|-|local=5 id=9|-|-|-"
            ),
            (#"{"handler":"onConnected"}"#, "connection|-|-|-|onConnected|-|-|-"),
            (#"{"handler":"onError","event":{"type":1}}"#, "connection|-|-|-|onError 1|-|-|-"),
            (#"{"handler":"onGroupChange","event":{"type":"x"}}"#, "repeated|-|-|-|onGroupChange|-|-|-"),
            (#"{"handler":"onSomethingNew","event":{}}"#, "unknown|-|-|-|-|-|-|-"),
            (
                #"{"at":7,"ref":"r1","resolved":{"localMsgId":"5","serverMsgId":"9"}}"#,
                "callOutcome|-|-|-|ref=r1 resolved local=5 id=9|1970-01-01T00:00:00.007Z|-|-"
            ),
            (
                #"{"ref":8,"rejected":{"type":507,"message":"m","data":null}}"#,
                "callOutcome|-|-|-|ref=8 rejected code=507 reason=m|-|-|-"
            ),
            (
                #"{"at":7,"flow":"out","call":"send","ref":"r1","options":{"id":"5","type":"txt","msg":"x","chatType":"groupChat","to":"5","deliverOnlineOnly":true}}"#,
                "call send online-only|group:5|-|5|txt x local=5 ref=r1|1970-01-01T00:00:00.007Z|-|-"
            ),
            (
                #"{"call":"recallMessage","options":{"mid":"9","to":"b","chatType":"singleChat"}}"#,
                "call recallMessage|-|-|-|-|-|-|-"
            ),
            (
                #"{"handler":"onMessagePinEvent","event":{"messageId":"9","conversationId":"b","conversationType":"singleChat","operation":"unpin"}}"#,
                "pin|-|-|9|unpin|-|-|-"
            ),
            (#"{"something":1}"#, "unknown|-|-|-|-|-|-|-"),
        ])
    func sdk(json: String, row: String) throws {
        #expect(try Self.columns(json, .sdk).joined(separator: "|") == row)
    }

    @Test("the app beside a payload counts only where the payload names none")
    func app() throws {
        let beside = AppKey("org#beside")
        let line =
            #"{"msg_id":"1","chat_type":"chat","from":"a","to":"b","payload":{"bodies":[{"type":"txt","msg":"x"}]}}"#
        #expect(try Self.columns(line, .history, app: beside).last == "org#beside")
        #expect(
            try Self.columns(#"{"chat_type":"chat","appkey":"org#own"}"#, .callback, app: beside).last
                == "org#own")
        #expect(try Self.columns(#"{"handler":"onConnected"}"#, .sdk, app: beside).last == "org#beside")
    }

    @Test("an archive's own attachment records")
    func attachments() throws {
        let stored =
            #"{"kind":"attachment","uuid":"u","outcome":"stored","sha256":"ab","bytes":5,"source":"import"}"#
        let event = Event.decode(
            try JSONDocument(text: stored).root, surface: .attachment, isPreSend: false, app: nil,
            session: nil)
        #expect(
            event.kind == .attachment(AttachmentFetch(uuid: "u", outcome: "stored", sha256: "ab", bytes: 5)))
        let tried =
            #"{"kind":"attachment","uuid":"U","part":"thumbnail","outcome":"unreachable","again":true,"#
            + #""began":"2026-11-23T02:40:00.000001Z","why":"the server answered 503","source":"fetch"}"#
        let again = Event.decode(
            try JSONDocument(text: tried).root, surface: .attachment, isPreSend: false, app: nil, session: nil
        )
        var fetch = AttachmentFetch(uuid: "U", outcome: "unreachable", sha256: nil, bytes: nil)
        fetch.part = .thumbnail
        fetch.isAgain = true
        fetch.began = Instant(rfc3339: "2026-11-23T02:40:00.000001Z")
        fetch.why = "the server answered 503"
        #expect(again.kind == .attachment(fetch))
        #expect(fetch.name == FileName(uuid: "u", part: .thumbnail))
        let on =
            #"{"kind":"fetching","on":true,"began":"2026-11-23T02:40:00.000001Z","kinds":["image","later"]}"#
        let began = try #require(Instant(rfc3339: "2026-11-23T02:40:00.000001Z"))
        let change = Event.decode(
            try JSONDocument(text: on).root, surface: .attachment, isPreSend: false, app: nil, session: nil)
        #expect(change.kind == .fetching(FetchingSwitch(isOn: true, began: began, kinds: [.image])))
        #expect(try Self.columns("{}", .attachment).first == "unknown")
    }
}
