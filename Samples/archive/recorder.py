# SPDX-License-Identifier: Apache-2.0
"""Verbs of a chat, and what each leaves behind: callbacks, pre-send callbacks, history lines, SDK tap lines.

Who sees what follows from who is a member and whose session is open, so that the story in `make.py` only says what
happened.
"""

import gzip
import hashlib
import io

import easemob
from easemob import compact, digest, milliseconds, uuid

HOST = "msync@ebs-ali-beijing-msync45"
# What `content_type` says for each body; a combine message travels as a text.
TAILS = {"txt": "text", "img": "image", "audio": "voice", "loc": "location", "video": "video", "file": "file",
         "cmd": "command", "custom": "custom", "combine": "txt"}
HANDLERS = {"txt": "onTextMessage", "img": "onImageMessage", "audio": "onAudioMessage", "video": "onVideoMessage",
            "file": "onFileMessage", "loc": "onLocationMessage", "cmd": "onCmdMessage",
            "custom": "onCustomMessage", "combine": "onCombineMessage"}


class Chat:
    """A single chat, group, room or thread. `members` changes as the story goes on."""

    def __init__(self, kind, members, number=None, parent=None, name=None):
        self.kind, self.members, self.number, self.parent, self.name = kind, list(members), number, parent, name

    @property
    def sdk_type(self):
        return {"chat": "singleChat", "room": "chatRoom"}.get(self.kind, "groupChat")

    @property
    def callback_type(self):
        return "chat" if self.kind == "chat" else "groupchat"

    @property
    def content_word(self):
        return {"chat": "user", "room": "room"}.get(self.kind, "group")

    def to(self, sender):
        return self.number or next(m for m in self.members if m != sender)


class Message:
    def __init__(self, identifier, ms, chat, sender, body, ext, priority):
        self.id, self.ms, self.chat, self.sender, self.body = identifier, ms, chat, sender, body
        self.ext, self.priority, self.to = ext, priority, chat.to(sender)
        self.edits, self.reactions = 0, {}


class Session:
    """One client connection that an SDK tap watches."""

    def __init__(self, name, user):
        self.name, self.user, self.is_open, self.lines, self.calls = name, user, False, [], 0
        # Blanked by whoever records it: a live token must never reach a disk. This one is invented.
        self.token = "YWMt-invented-" + digest("token", name).hex()[:32]


class Recorder:
    def __init__(self, app, secret, names):
        self.app, self.secret, self.names = app, secret, names
        self.sessions, self.callbacks, self.pre_sends, self.history = {}, [], [], []
        self.attachments, self.sequences, self.now = {}, {}, 0

    # ------------------------------------------------------------------------------------------- plumbing

    def time(self, when):
        self.now = milliseconds(when)
        return self.now

    def new_id(self, ms):
        self.sequences[ms] = self.sequences.get(ms, -1) + 1
        return easemob.message_id(ms, self.sequences[ms])

    def callback(self, ms, call, members, late=0.0, retried=False):
        """Signs and keeps a callback; it arrives within a second, `late` seconds after that, again when `retried`."""
        signed = {"callId": f"{self.app}_{call}", **members}
        text = f"{signed['callId']}{self.secret}{ms}"
        signed["security"] = hashlib.md5(text.encode()).hexdigest()
        arrival = ms + 40 + digest(call, compact(members))[0] * 3 + int(late * 1000)
        self.callbacks.append((arrival, compact(signed)))
        if retried:
            self.callbacks.append((arrival + 1500, compact(signed)))

    def tap_in(self, ms, users, handler, value, key="event"):
        for session in self.sessions.values():
            if session.is_open and session.user in users:
                at = ms + 30 + digest(session.name, ms, handler)[0] // 2
                session.lines.append((at, {"at": at, "flow": "in", "handler": handler, key: value}))

    def tap_call(self, ms, user, call, options, **outcome):
        """A call by this user's app, and its outcome when the answer came back."""
        for session in self.sessions.values():
            if session.is_open and session.user == user:
                session.calls += 1
                ref = str(session.calls)
                session.lines.append((ms - 60, {"at": ms - 60, "flow": "out", "call": call, "ref": ref,
                                                "options": options}))
                session.lines.append((ms + 45, {"at": ms + 45, "flow": "in", "ref": ref, **outcome}))

    def attach(self, label, filename, content=None, length=None, suffix=None):
        """An attachment; without content it is one that the platform no longer has."""
        found = easemob.Attachment(self.app, label, filename, content, length)
        if content is not None:
            self.attachments[f"{found.uuid}.{suffix}"] = content
        return found

    def others(self, chat, user):
        return [m for m in chat.members if m != user]

    # ------------------------------------------------------------------------------------------- messages

    def sdk_message(self, m, session_token, online_state, **extra):
        message = {"id": m.id, "type": m.body["type"], "chatType": m.chat.sdk_type, "from": m.sender, "to": m.to,
                   **easemob.sdk_body(m.body, session_token), "ext": m.ext, "time": m.ms,
                   "onlineState": 1 if m.chat.kind == "room" else online_state}
        if m.chat.kind == "room":
            message.update(priority=m.priority, broadcast=False)
        return {**message, **extra}

    def say(self, when, chat, sender, body, *, ext=None, priority="normal", receivers=None, online_only=False,
            group_receipt=False, broadcast=False, offline=(), pre=False, via=("callback", "history", "taps"),
            late=0.0, retried=False):
        ms = self.time(when)
        ext = {"ease_chat_uikit_user_info": {"nickname": self.names[sender]}, **(ext or {})}
        m = Message(self.new_id(ms), ms, chat, sender, body, ext, priority)
        thread = chat.parent and {"msg_parent_id": chat.parent.id, "thread_name": chat.name,
                                  "muc_parent_id": chat.parent.chat.number}
        if pre:
            self.pre_send(m)
        if "callback" in via:
            meta = {"meta": {"thread": thread}} if thread else {}
            envelope = {"timestamp": ms, "chat_type": chat.callback_type,
                        **({"group_id": chat.number} if chat.number else {}), "from": sender}
            payload = {"ext": ext, "bodies": [easemob.callback_body(body)], "from": sender, "to": m.to,
                       "type": {"chat": "chat", "room": "chatroom"}.get(chat.kind, "groupchat"), **meta}
            rest = {"msg_id": m.id, "payload": payload, "securityVersion": "1.0.0", "appkey": self.app,
                    "host": HOST, "content_type": f"chat:{chat.content_word}:{TAILS[body['type']]}"}
            self.callback(ms, m.id, {"eventType": "chat", **envelope, "to": m.to, **rest}, late, retried)
            for member in offline:
                self.callback(ms, m.id, {"eventType": "chat_offline", **envelope, "to": member, **rest}, late)
        if "history" in via:
            payload = {"bodies": [easemob.history_body(body)], "ext": ext, "from": sender, "to": m.to}
            self.history.append((ms, {
                "msg_id": m.id, "timestamp": ms, "direction": "outgoing", "to": m.to, "from": sender,
                "chat_type": "chatroom" if chat.kind == "room" else chat.callback_type, "payload": payload}))
        if "taps" in via:
            self.tap_message(m, receivers, online_only, group_receipt, broadcast, thread)
        return m

    def tap_message(self, m, receivers, online_only, group_receipt, broadcast, thread):
        options = {**easemob.sdk_options(m.body), "chatType": m.chat.sdk_type, "to": m.to, "ext": m.ext}
        extra = {}
        if m.chat.kind == "room":
            options["priority"] = m.priority
            extra["broadcast"] = broadcast
        if receivers:
            options["receiverList"] = list(receivers)
        if online_only:
            options["deliverOnlineOnly"] = True
        if group_receipt:
            options["msgConfig"] = extra["msgConfig"] = {"allowGroupAck": True}
        if thread:
            options["isChatThread"] = True
            extra["chatThread"] = {"messageId": thread["msg_parent_id"], "parentId": thread["muc_parent_id"],
                                   "chatThreadName": thread["thread_name"]}
        for session in self.sessions.values():
            if session.is_open and session.user == m.sender:
                self.tap_call(m.ms, m.sender, "send", options, resolved={
                    "localMsgId": str(m.ms - 60 - easemob.LOCAL_EPOCH), "serverMsgId": m.id,
                    "message": self.sdk_message(m, session.token, 3)})
            elif session.is_open and session.user in (receivers or m.chat.members):
                self.tap_in(m.ms, [session.user], HANDLERS[m.body["type"]],
                            self.sdk_message(m, session.token, 1, **extra), key="message")

    def pre_send(self, m):
        """Asked before the message goes out. The platform's examples show the body flat in `payload`."""
        chat = m.chat
        call = f"{self.app}_{uuid('pre', m.id)}"
        security = hashlib.md5(f"{call}{self.secret}{m.ms - 20}".encode()).hexdigest()
        self.pre_sends.append((m.ms - 20, compact({
            "callId": call, "timestamp": m.ms - 20, "chat_type": "chatroom" if chat.kind == "room" else chat.callback_type,
            **({"group_id": chat.number} if chat.number else {}), "from": m.sender, "to": m.to, "msg_id": m.id,
            "payload": easemob.history_body(m.body), "security": security})))

    def refused(self, when, chat, sender, body, code, reason, server_id=True, pre=False):
        """A send that the platform refused; only the sender's SDK is told."""
        ms = self.time(when)
        local = str(ms - 60 - easemob.LOCAL_EPOCH)
        m = Message(self.new_id(ms) if server_id else None, ms, chat, sender, body, {}, "normal")
        if pre:
            self.pre_send(m)
        options = {**easemob.sdk_options(body), "chatType": chat.sdk_type, "to": m.to}
        self.tap_call(ms, sender, "send", options, rejected={
            "type": code, "message": reason, "data": {"id": local, "mid": m.id} if server_id else None})
        return m

    # ------------------------------------------------------------------------- receipts, recall, edit, reactions

    def delivered(self, when, receiver, m):
        ms = self.time(when)
        self.tap_in(ms, [m.sender], "onDeliveredMessage", {
            "id": self.new_id(ms), "type": "delivery", "from": receiver, "to": m.sender, "mid": m.id,
            "onlineState": 1}, key="message")

    def read(self, when, reader, m, count=None, late=0.0):
        """A read receipt: to the author in a single chat, counted for the whole group with `count`."""
        ms = self.time(when)
        event, to = self.new_id(ms), m.chat.number or m.sender
        room = f"{self.app}_{to}@conference.easemob.com"
        if count is None:
            members = {"chat_type": "read_ack", "channel_channel": room,
                       "payload": {"ext": {}, "ack_message_id": m.id, "bodies": []}}
            extra = {}
        else:
            members = {"channel_channel": room, "channel_user": f"{self.app}_{reader}@easemob.com",
                       "chat_type": "read_ack", "content_type": "chat:ack:read", "writed_channel": False,
                       "payload": {"ext": {}, "ack_message_id": m.id, "msg_config": {"allow_group_ack": True},
                                   "type": "read_ack"}}
            extra = {"groupReadCount": {m.id: count}, "ackContent": ""}
        self.callback(ms, event, {**members, "host": HOST, "appkey": self.app, "from": reader, "to": to,
                                  "eventType": "chat", "msg_id": event, "timestamp": ms}, late)
        self.tap_call(ms, reader, "send", {"type": "read", "chatType": m.chat.sdk_type, "to": to, "id": m.id},
                      resolved={"localMsgId": str(ms - 60 - easemob.LOCAL_EPOCH), "serverMsgId": event})
        self.tap_in(ms, [m.sender], "onReadMessage", {
            "id": event, "type": "read", "from": reader, "to": to, "mid": m.id, **extra, "onlineState": 1},
            key="message")

    def read_all(self, when, reader, chat, last):
        ms = self.time(when)
        event, peer = self.new_id(ms), chat.to(reader)
        self.callback(ms, event, {
            "eventType": "chat", "chat_type": "channel_ack",
            "payload": {"ack_message_id": last.id, "type": "channel_ack"}, "host": HOST, "appkey": self.app,
            "from": reader, "to": peer, "msg_id": event, "timestamp": ms})
        self.tap_call(ms, reader, "send", {"type": "channel", "chatType": "singleChat", "to": peer},
                      resolved={"localMsgId": str(ms - 60 - easemob.LOCAL_EPOCH), "serverMsgId": event})
        self.tap_in(ms, [peer], "onChannelMessage", {
            "id": event, "type": "channel", "chatType": "singleChat", "from": reader, "to": peer, "time": ms,
            "onlineState": 1}, key="message")

    def recall(self, when, by, m, notice="", late=0.0):
        ms = self.time(when)
        event = self.new_id(ms)
        self.callback(ms, event, {
            "chat_type": "recall", "payload": {"ext": {}, "ack_message_id": m.id, "bodies": []}, "host": HOST,
            "appkey": self.app, "from": by, "recall_id": m.id, "to": m.to,
            **({"group_id": m.chat.number} if m.chat.number else {}), "eventType": "chat", "msg_id": event,
            "timestamp": ms}, late)
        self.tap_call(ms, by, "recallMessage", {"mid": m.id, "to": m.to, "chatType": m.chat.sdk_type, "ext": notice},
                      resolved={"localMsgId": str(ms - 60 - easemob.LOCAL_EPOCH), "serverMsgId": event})
        self.tap_in(ms, self.others(m.chat, by), "onRecallMessage", {
            "id": event, "from": by, "to": m.to, "mid": m.id, "ext": notice, "onlineState": 1}, key="message")

    def edit(self, when, by, m, body, late=0.0):
        ms = self.time(when)
        event = self.new_id(ms)
        m.edits += 1
        self.callback(ms, event, {
            "eventType": "chat", "chat_type": "edit", "payload": {
                "edit_message_id": m.id, "ext": m.ext, "bodies": [easemob.callback_body(body)],
                "meta": {"edit_msg": {"chat_type": f"chat:{m.chat.content_word}", "send_time": m.ms,
                                      "edit_time": ms, "sender": m.sender, "count": m.edits, "operator": by}},
                "from": m.sender, "to": m.to, "type": "edit"},
            "appkey": self.app, "from": m.sender, "to": m.to,
            **({"group_id": m.chat.number} if m.chat.number else {}), "msg_id": event, "timestamp": ms}, late)
        before, m.body = m.body, body
        info = {"operatorId": by, "operationCount": m.edits, "operationTime": ms}
        edited = self.sdk_message(m, "", 1, modifiedInfo=info)
        self.tap_call(ms, by, "modifyMessage", {"messageId": m.id, "modifiedMessage": {
            **easemob.sdk_options(body), "chatType": m.chat.sdk_type, "to": m.to}},
            resolved={"localMsgId": str(ms - 60 - easemob.LOCAL_EPOCH), "serverMsgId": event,
                      "modifiedInfo": info, "message": edited})
        self.tap_in(ms, self.others(m.chat, by), "onModifiedMessage", edited, key="message")
        return before

    def react(self, when, user, m, name):
        ms = self.time(when)
        event = self.new_id(ms)
        m.reactions.setdefault(name, []).append(user)
        state = [{"reaction": n, "userList": list(users), "count": len(users),
                  **({"op": [{"reactionType": "create", "operator": user}]} if n == name else {})}
                 for n, users in m.reactions.items()]
        self.callback(ms, event, {
            "chat_type": "notify", "payload": {
                "data": [{"messageId": m.id, "from": user, "reactions": state, "to": m.to,
                          "channel_type": m.chat.callback_type, "ts": ms}],
                "num": 1, "channel_type": m.chat.callback_type, "type": "reaction"},
            "host": HOST, "appkey": self.app, "from": user, "to": m.to, "eventType": "chat", "msg_id": event,
            "timestamp": ms})
        self.tap_call(ms, user, "addReaction", {"messageId": m.id, "reaction": name}, resolved={})
        self.tap_in(ms, self.others(m.chat, user), "onReactionChange", {
            "from": user, "to": m.to, "chatType": m.chat.sdk_type, "messageId": m.id, "reactions": state, "ts": ms})

    def pin(self, when, user, m):
        """Pins are seen by SDKs only; no callback tells of them."""
        ms = self.time(when)
        self.tap_call(ms, user, "pinMessage", {"conversationType": m.chat.sdk_type, "conversationId": m.to,
                                               "messageId": m.id}, resolved={})
        self.tap_in(ms, self.others(m.chat, user), "onMessagePinEvent", {
            "messageId": m.id, "conversationId": m.to, "conversationType": m.chat.sdk_type, "operation": "pin",
            "operatorId": user, "time": ms})

    def thread_updated(self, when, chat, last, count):
        """The platform's note that a thread has a new message."""
        ms = self.time(when)
        event = self.new_id(ms)
        parent = chat.parent
        self.callback(ms, event, {
            "chat_type": "notify", "payload": {"data": {
                "msg_parent_id": parent.id, "name": chat.name, "from": last.sender,
                "last_message": {
                    "payload": {"ext": last.ext, "bodies": [easemob.callback_body(last.body)],
                                "meta": {"thread": {"msg_parent_id": parent.id, "thread_name": chat.name,
                                                    "muc_parent_id": parent.chat.number}},
                                "from": last.sender, "to": chat.number, "type": "groupchat"},
                    "from": f"{self.app}_{last.sender}", "id": last.id, "to": f"{self.app}_{chat.number}",
                    "timestamp": last.ms},
                "id": chat.number, "message_count": count, "operation": "update_msg",
                "muc_parent_id": parent.chat.number, "timestamp": ms}, "type": "thread"},
            "host": HOST, "appkey": self.app, "from": "admin", "to": parent.chat.number, "eventType": "chat",
            "msg_id": event, "timestamp": ms})
        self.tap_in(ms, self.others(chat, last.sender), "onChatThreadChange", {
            "id": chat.number, "name": chat.name, "parentId": parent.chat.number, "messageId": parent.id,
            "timestamp": ms, "operator": last.sender, "operation": "update", "messageCount": count})

    # --------------------------------------------------------------------------- groups, rooms, people, moderation

    def group_event(self, when, chat, operation, operator, payload, members=None, sdk=None):
        """A group or room operation in the newer callback format, and what members' SDKs are told."""
        ms = self.time(when)
        self.callback(ms, uuid(operation, ms), {
            "payload": payload, "appkey": self.app, "id": chat.number,
            "type": "CHATROOM" if chat.kind == "room" else "GROUP", "event": "group_op_event",
            "operation": operation, "operator": operator,
            **({"member_count": len(chat.members)} if members is None and operation == "JOIN" else {}),
            "timestamp": ms})
        self.tap_group(ms, chat, operator, sdk)

    def muc(self, when, chat, operation, actor, to, sdk=None, **payload):
        """The same in the older format (`chat_type` muc)."""
        ms = self.time(when)
        event = self.new_id(ms)
        status = {} if operation in ("presence", "absence") else {"status": {"description": "", "error_code": "ok"}}
        self.callback(ms, event, {
            "chat_type": "muc", "payload": {
                "muc_id": f"{self.app}_{chat.number}@conference.easemob.com", **payload,
                "is_chatroom": chat.kind == "room", "operation": operation, **status},
            "group_id": chat.number, "host": HOST, "appkey": self.app,
            "from": f"{self.app}_{actor}@easemob.com", "to": to, "eventType": "chat", "msg_id": event,
            "timestamp": ms})
        self.tap_group(ms, chat, actor, sdk)

    def tap_group(self, ms, chat, actor, sdk):
        if sdk:
            handler = "onChatroomEvent" if chat.kind == "room" else "onGroupEvent"
            self.tap_in(ms, self.others(chat, actor), handler,
                        {"operation": sdk["operation"], "id": chat.number, "from": actor, **sdk})

    def befriend(self, when, applicant, answerer, hello):
        """A friend request and its acceptance: three callbacks, two of them sharing one callId."""
        ms = self.time(when)
        jid = lambda user: f"{self.app}_{user}@easemob.com"  # noqa: E731
        asked, agreed = self.new_id(ms), self.new_id(ms + 21_000)

        def roster(at, event, sender, to, payload):
            self.callback(at, event, {
                "chat_type": "roster", "payload": payload, "host": HOST, "appkey": self.app, "from": jid(sender),
                "to": to, "eventType": "chat", "msg_id": event, "timestamp": at})

        version = digest("roster", applicant, answerer).hex()[:40].upper()
        roster(ms, asked, applicant, answerer, {"reason": hello, "operation": "add"})
        self.tap_in(ms, [answerer], "onContactInvited",
                    {"type": "subscribe", "to": answerer, "from": applicant, "status": hello})
        for operation, to in (("accept", answerer), ("remote_accept", applicant)):
            roster(ms + 21_000, agreed, answerer, to, {"roster_ver": version, "operation": operation})
        self.tap_in(ms + 21_000, [applicant], "onContactAgreed",
                    {"type": "subscribed", "to": applicant, "from": answerer, "status": ""})

    def online(self, when, user, status, reason, platform, version):
        ms = self.time(when)
        device = f"{platform}_{uuid('device', user)}"
        self.callback(ms, uuid("status", user, ms), {
            "reason": reason, "os": platform, "ip": f"203.0.113.{digest(user)[0]}:52709", "host": HOST,
            "appkey": self.app, "user": f"{self.app}_{user}@easemob.com/{device}", "version": version,
            "timestamp": ms, "status": status})

    def open(self, when, name, user):
        ms = self.time(when)
        session = self.sessions.setdefault(name, Session(name, user))
        session.is_open = True
        self.tap_call(ms, user, "open", {"user": user, "accessToken": session.token}, resolved={})
        self.tap_in(ms, [user], "onConnected", {})

    def close(self, when, name):
        ms = self.time(when)
        session = self.sessions[name]
        self.tap_in(ms, [session.user], "onDisconnected", {})
        session.is_open = False

    def presence(self, when, user, text, watchers):
        ms = self.time(when)
        self.tap_in(ms, watchers, "onPresenceStatusChange", [{
            "userId": user, "lastTime": ms // 1000, "expire": ms // 1000 + 86_400, "ext": text,
            "statusDetails": [{"device": "ios", "status": 1}]}])

    def keyword_alert(self, when, m, words, reason, status):
        ms = self.time(when)
        to = f"{m.chat.number}@conference.easemob.com" if m.chat.number else f"{m.to}@easemob.com"
        self.callback(ms, uuid("keyword", m.id), {
            "alertReason": reason, "contentReceiver": f"{self.app}_{to}", "eventType": "keyword_alert",
            "sensitiveWords": words, "contentOwner": f"{self.app}_{m.sender}@easemob.com",
            "contentUri": f"msync:{m.id}", "host": HOST, "appkey": self.app, "contentType": "message",
            "timestamp": ms, "chatType": f"chat:{m.chat.content_word}:text", "status": status})

    def moderated(self, when, m, result):
        ms = self.time(when)
        self.callback(ms, uuid("moderation", m.id), {
            "moderationResult": result, "providerResult": result, "messageType": m.body["type"], "messageId": m.id,
            "targetType": m.chat.callback_type, "appkey": self.app, "source": {}, "riskType": "",
            "eventType": "moderation", "from": m.sender, "to": m.to,
            "url": m.body["attachment"].url if "attachment" in m.body else "", "msg": m.body.get("msg", ""),
            "timestamp": ms})

    def pushed(self, when, m, target, status, **more):
        ms = self.time(when)
        self.callback(ms, m.id, {
            "appkey": self.app, "chat_type": m.chat.callback_type, "msg_id": m.id, "status": status, "step": "push",
            "target": target, "timestamp": ms, **more})

    # -------------------------------------------------------------------------------------------------- files

    def files(self):
        """Every file of the archive by path, as bytes."""
        def lines(rows):
            return "".join(text + "\n" for text in rows).encode()

        by_time = lambda rows: [text for _, text in sorted(rows, key=lambda row: row[0])]  # noqa: E731
        found = {f"attachments/{name}": content for name, content in self.attachments.items()}
        by_day = {}
        for arrival, text in sorted(self.callbacks, key=lambda row: row[0]):
            by_day.setdefault(easemob.china_clock(arrival, "%Y-%m-%d"), []).append(text)
        for day, rows in by_day.items():
            found[f"callbacks/{day}.jsonl"] = lines(rows)
        found["callbacks/pre-send.jsonl"] = lines(by_time(self.pre_sends))
        by_hour = {}
        for ms, line in self.history:
            by_hour.setdefault(easemob.china_clock(ms, "%Y%m%d%H"), []).append(compact(line))
        for hour, rows in by_hour.items():
            found[f"history/{hour}.gz"] = gzipped(lines(rows))
        for session in self.sessions.values():
            rows = [(at, compact(line)) for at, line in session.lines]
            found[f"taps/{session.name}.jsonl"] = lines(by_time(rows))
        return found


def gzipped(data):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9, mtime=0, filename="") as file:
        file.write(data)
    return out.getvalue()
