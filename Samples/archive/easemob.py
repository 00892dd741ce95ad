# SPDX-License-Identifier: Apache-2.0
"""The platform's own shapes: message ids, callbacks, history lines, SDK events, combine files.

Nothing here knows the story; `make.py` tells it. Python's standard library only, and no clock and no chance:
the same story always gives the same bytes.
"""

import base64
import datetime
import hashlib
import json
import struct
import zlib

CHINA = datetime.timezone(datetime.timedelta(hours=8))
# Message ids count seconds from here in their high 32 bits.
ID_EPOCH = int(datetime.datetime(2014, 12, 3, tzinfo=datetime.timezone.utc).timestamp())
# The SDK's own message ids count milliseconds from here, in the device's local time.
LOCAL_EPOCH = int(datetime.datetime(2010, 2, 1, tzinfo=CHINA).timestamp() * 1000)
SERVER_NODE = 0x354


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def milliseconds(text):
    """`2026-11-20 20:03:12.480` in China, as milliseconds since 1970."""
    layout = "%Y-%m-%d %H:%M:%S.%f" if "." in text else "%Y-%m-%d %H:%M:%S"
    moment = datetime.datetime.strptime(text, layout).replace(tzinfo=CHINA)
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1)


def china_clock(ms, layout):
    return datetime.datetime.fromtimestamp(ms // 1000, CHINA).strftime(layout)


def message_id(ms, sequence):
    """seconds since 2014-12-03 << 32 | milliseconds << 22 | sequence in that millisecond << 12 | server node"""
    return str((ms // 1000 - ID_EPOCH) << 32 | (ms % 1000) << 22 | sequence << 12 | SERVER_NODE)


def digest(*parts):
    return hashlib.sha256("/".join(map(str, parts)).encode()).digest()


def uuid(*label):
    """A UUID of the time-based form that chatfiles and callIds carry, made from a label."""
    h = digest("uuid", *label).hex()
    return f"{h[:8]}-{h[8:12]}-1{h[13:16]}-8{h[17:20]}-{h[20:32]}"


def share_secret(*label):
    return base64.urlsafe_b64encode(digest("share-secret", *label) + b"stele").decode().rstrip("=")[:48]


# ------------------------------------------------------------------------------------------------ bodies

class Attachment:
    def __init__(self, app, label, filename, content=None, length=None):
        self.uuid = uuid("attachment", label)
        self.filename = filename
        self.content = content
        self.file_length = len(content) if content is not None else length
        self.secret = share_secret(label)
        self.url = f"https://a1.easemob.com/{app.replace('#', '/')}/chatfiles/{self.uuid}"

    def opened(self, thumbnail=False, frame=False):
        """The URL as the SDK hands it to an app, secret included."""
        url = f"{self.url}?em-redirect=true&share-secret={self.secret}"
        return url + ("&thumbnail=true" if thumbnail else "") + ("&vframe=true" if frame else "")


def txt(text):
    return {"type": "txt", "msg": text}


def img(attachment, width, height):
    return {"type": "img", "attachment": attachment, "width": width, "height": height}


def audio(attachment, seconds):
    return {"type": "audio", "attachment": attachment, "length": seconds}


def video(attachment, thumbnail, seconds, width, height):
    return {"type": "video", "attachment": attachment, "thumbnail": thumbnail, "length": seconds,
            "width": width, "height": height}


def file(attachment):
    return {"type": "file", "attachment": attachment}


def loc(lat, lng, addr, building=""):
    return {"type": "loc", "lat": lat, "lng": lng, "addr": addr, "buildingName": building}


def cmd(action):
    return {"type": "cmd", "action": action}


def custom(event, **fields):
    return {"type": "custom", "customEvent": event, "customExts": fields}


def combine(attachment, title, summary, text, level):
    return {"type": "combine", "attachment": attachment, "title": title, "summary": summary,
            "compatibleText": text, "combineLevel": level}


def callback_body(body):
    """`bodies[0]` of callbacks and history lines."""
    kind, a = body["type"], body.get("attachment")
    if a:
        common = {"filename": a.filename, "file_length": a.file_length, "secret": a.secret, "url": a.url}
    if kind == "img":
        return {**common, "size": {"width": body["width"], "height": body["height"]}, "type": "img"}
    if kind == "audio":
        return {**common, "length": body["length"], "type": "audio"}
    if kind == "video":
        thumbnail = body["thumbnail"]
        return {**common, "thumb": thumbnail.url, "thumb_secret": thumbnail.secret, "length": body["length"],
                "size": {"width": body["width"], "height": body["height"]}, "type": "video"}
    if kind == "file":
        return {**common, "type": "file"}
    if kind == "custom":
        fields = body["customExts"]
        return {"v2:customExts": fields, "customExts": [{k: v} for k, v in fields.items()],
                "customEvent": body["customEvent"], "type": "custom"}
    if kind == "combine":
        return {"combineLevel": body["combineLevel"], **common, "msg": body["compatibleText"],
                "subType": "sub_combine", "summary": body["summary"], "title": body["title"], "type": "txt"}
    return dict(body)


def history_body(body):
    found = callback_body(body)
    if body["type"] == "combine":
        # History files and pre-send callbacks show neither the type nor the compatible text.
        del found["type"], found["msg"]
    return found


def sdk_body(body, access_token):
    """The fields an SDK handler receives beside the message's envelope."""
    kind, a = body["type"], body.get("attachment")
    if kind == "img":
        return {"url": a.opened(), "width": body["width"], "height": body["height"], "secret": a.secret,
                "thumb": a.opened(thumbnail=True), "thumb_secret": a.secret, "file_length": a.file_length}
    if kind in ("audio", "file"):
        return {"url": a.opened(), "secret": a.secret, "file": {}, "filename": a.filename,
                "length": body.get("length", 0), "file_length": a.file_length, "filetype": "",
                "accessToken": access_token}
    if kind == "video":
        return {"url": a.opened(), "secret": a.secret, "thumb": a.opened(frame=True), "thumb_secret": a.secret,
                "filename": a.filename, "length": body["length"], "file": {}, "file_length": a.file_length,
                "filetype": "", "accessToken": access_token}
    if kind == "custom":
        return {"customEvent": body["customEvent"], "params": {}, "customExts": body["customExts"]}
    if kind == "combine":
        return {"title": body["title"], "summary": body["summary"], "url": a.opened(), "secret": a.secret,
                "file_length": a.file_length, "filename": a.filename, "compatibleText": body["compatibleText"],
                "combineLevel": body["combineLevel"]}
    return {key: value for key, value in body.items() if key != "type"}


def sdk_options(body):
    """What an app passes to `message.create` for this body."""
    kind, a = body["type"], body.get("attachment")
    if kind in ("img", "audio", "video", "file"):
        stored = {"url": a.url, "type": a.filename.rpartition(".")[2], "filename": a.filename,
                  "file_length": a.file_length, "secret": a.secret}
        sizes = {"width": body["width"], "height": body["height"]} if kind == "img" else {}
        return {"type": kind, "filename": a.filename, **sizes, "body": stored}
    if kind == "combine":
        return {"type": kind, "title": body["title"], "summary": body["summary"],
                "compatibleText": body["compatibleText"]}
    return dict(body)


# ------------------------------------------------------------------------------------------- combine files

def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    """One protobuf field: int as varint, float as fixed 64-bit, str and bytes length-delimited."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def key_value(key, value):
    if isinstance(value, bool):
        return field(1, key) + field(2, 1) + field(3, int(value))
    if isinstance(value, int):
        return field(1, key) + field(2, 2) + field(3, value)
    if isinstance(value, str):
        return field(1, key) + field(2, 7) + field(6, value)
    return field(1, key) + field(2, 8) + field(6, compact(value))


def content(body):
    """`MessageBody.Content`."""
    kind, a = body["type"], body.get("attachment")
    number = {"txt": 0, "img": 1, "video": 2, "loc": 3, "audio": 4, "file": 5, "cmd": 6, "custom": 7, "combine": 0}
    out = field(1, number[kind])
    if kind == "txt":
        return out + field(2, body["msg"])
    if kind == "loc":
        return out + field(3, float(body["lat"])) + field(4, float(body["lng"])) + field(5, body["addr"]) \
            + field(21, body["buildingName"])
    if kind == "custom":
        return out + field(19, body["customEvent"]) \
            + b"".join(field(20, key_value(k, v)) for k, v in body["customExts"].items())
    if kind == "combine":
        out += field(2, body["compatibleText"])
    out += field(6, a.filename) + field(7, a.opened()) + field(8, a.secret) + field(9, a.file_length)
    if kind in ("audio", "video"):
        out += field(12, body["length"])
    if kind in ("img", "video"):
        out += field(13, field(1, float(body["width"])) + field(2, float(body["height"])))
    if kind == "video":
        out += field(14, a.opened(frame=True)) + field(15, a.secret)
    if kind == "combine":
        # Sub-type 0 *present* is what makes a text content a combine message.
        out += field(22, 0) + field(23, body["title"]) + field(24, body["summary"]) + field(25, body["combineLevel"])
    return out


def combine_file(app, messages):
    """The attachment of a combine message: "cm", each message length-prefixed, one checksum byte."""
    out = bytearray(b"cm")
    for m in messages:
        number, domain = {"chat": (1, "easemob.com"), "group": (2, "conference.easemob.com"),
                          "room": (3, "conference.easemob.com")}[m.chat.kind]
        payload = field(1, number) + field(2, field(2, m.sender)) + field(3, field(2, m.to)) \
            + field(4, content(m.body)) \
            + b"".join(field(5, key_value(k, v)) for k, v in m.ext.items())
        meta = field(1, int(m.id)) + field(3, field(1, app) + field(2, m.to) + field(3, domain)) \
            + field(4, m.ms) + field(5, 1) + field(6, payload) + field(7, 0)
        if m.chat.kind == "room":
            level = {"high": 0, "normal": 1, "low": 2}[m.priority]
            meta += field(8, key_value("chatroom_msg_tag", level))
        out += struct.pack(">I", len(meta)) + meta
    checksum = 0
    for offset in range(3, len(out), 2):
        checksum ^= out[offset]
    return bytes(out) + bytes([checksum])


# ----------------------------------------------------------------------------------------------- pictures

def png(rows, palette):
    """An indexed PNG of four bits a pixel. Stored, not deflated, so that every zlib writes the same bytes."""
    width, height = len(rows[0]), len(rows)
    raw = bytearray()
    for row in rows:
        raw.append(0)
        raw += bytes(row[i] << 4 | (row[i + 1] if i + 1 < width else 0) for i in range(0, width, 2))
    blocks = bytearray(b"\x78\x01")
    for start in range(0, len(raw), 65535):
        part = raw[start:start + 65535]
        last = start + 65535 >= len(raw)
        blocks += struct.pack("<BHH", last, len(part), len(part) ^ 0xFFFF) + part
    blocks += struct.pack(">I", zlib.adler32(raw))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 4, 3, 0, 0, 0)) \
        + chunk(b"PLTE", b"".join(bytes.fromhex(c) for c in palette)) + chunk(b"IDAT", bytes(blocks)) \
        + chunk(b"IEND", b"")


def amr(seconds):
    """An AMR voice note of silence: fifty 4.75 kbit/s frames a second."""
    return b"#!AMR\n" + (b"\x04" + bytes(12)) * (50 * seconds)
