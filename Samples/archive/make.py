#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the sample archive beside this script: an invented weekend at a potter's studio in Hangzhou.

    python3 make.py            write callbacks/ history/ taps/ attachments/
    python3 make.py --check    exit 1 and name the files that differ from what this script would write

Nobody in it is real. Times are China time. `recorder.py` says what each verb leaves behind.
"""

import gzip
import pathlib
import sys

import easemob
from easemob import audio, cmd, combine, combine_file, custom, file, img, loc, txt, video
from recorder import Chat, Recorder

APP, SECRET = "tea-house#atelier", "test-secret"
LIN, ALICE, ZHOU, TOM, MEI = "lin.wan", "alice.moore", "zhou_heng", "tom-baker", "mei.chen"
NAMES = {LIN: "林晚", ALICE: "Alice Moore", ZHOU: "周衡", TOM: "Tom Baker", MEI: "陈梅"}
CUT_SHORT = "当前版本过低，无法展示对应内容。"


def picture(cup):
    """A small painting: a celadon cup with a crackled glaze, or dusk from the window of a plane."""
    def pixel(x, y):
        if cup:
            inside = 28 <= y <= 92 and abs(x - 76) <= 40 - max(0, y - 56) * max(0, y - 56) // 60
            handle = 16 <= (x - 118) ** 2 // 14 + (y - 54) ** 2 // 22 <= 28 and x > 112
            if inside:
                crack = (x * 7 + y * 3) % 41 == 0 or (x * 3 - y * 8) % 53 == 0
                return 9 if crack else 4 + (x - 36) // 27 if y > 34 else 8
            return 7 if handle else (2 if y > 92 else 1)
        window = (x - 80) ** 4 / 52 ** 4 + (y - 60) ** 4 / 56 ** 4
        if window > 1:
            return 13 if window > 1.25 else 12
        return 15 if (x - 104) ** 2 + (y - 74) ** 2 < 90 else (3 if y > 88 else 10 + (y > 56) + 3 * (y > 76))
    palette = ["000000", "f3ead8", "b98b5e", "33415f", "a9c7b8", "bcd6c7", "cfe3d6", "9dbcac", "7fa593", "6a8f7e",
               "5a6fa8", "d68f7a", "e9e6e1", "cfcac2", "f0b36b", "fff1c9"]
    return easemob.png([[pixel(x, y) for x in range(160)] for y in range(120)], palette)


RECIPES = """\ufeff釉料 Glaze,长石 Feldspar %,石英 Silica %,石灰石 Whiting %,铁 Iron %,温度 °C
粉青 Pale celadon,42,28,20,1.0,1260
梅子青 Plum celadon,40,26,23,1.8,1240
天目 Tenmoku,48,22,15,8.5,1280
""".encode()


def tell(a):
    two = Chat("chat", [ALICE, LIN])
    group = Chat("group", [LIN, ALICE, ZHOU, MEI], "271594130481154")
    room = Chat("room", [LIN], "271655817412610")
    boys = Chat("chat", [ZHOU, TOM])
    english = Chat("chat", [ALICE, TOM])

    # ---------------------------------------------------------------- Friday: Alice lands, a plan is made
    a.open("2026-11-20 19:55:02.118", "lin-mini", LIN)
    a.online("2026-11-20 19:55:02.140", LIN, "online", "login", "ios", "4.17.0")
    a.open("2026-11-20 19:58:31.007", "alice-web", ALICE)
    a.online("2026-11-20 19:58:31.030", ALICE, "online", "login", "webim", "4.17.0")
    a.befriend("2026-11-20 19:59:00.500", ALICE, LIN, "Hello, it's Alice from the Bristol fair 你好！")

    arrived = a.say("2026-11-20 20:03:12.480", two, LIN,
                    txt("Alice，你到杭州了吗？明天早上九点开窑，来得及的。"), pre=True)
    a.delivered("2026-11-20 20:03:12.655", ALICE, arrived)
    a.read("2026-11-20 20:03:20.010", ALICE, arrived)
    a.say("2026-11-20 20:03:38.002", two, ALICE, cmd("TypingBegin"))
    landed = a.say("2026-11-20 20:03:51.936", two, ALICE,
                   txt("Just landed! 我在等行李。Is nine o'clock really nine o'clock, or potter's nine?"), pre=True)
    a.delivered("2026-11-20 20:03:52.101", LIN, landed)
    a.say("2026-11-20 20:04:30.204", two, LIN, txt("真的九点 😂 窑火不等人。The kiln keeps its own clock."),
          retried=True)
    dusk = a.say("2026-11-20 20:05:10.771", two, ALICE,
                 img(a.attach("dusk", "dusk-from-23A.png", picture(cup=False), suffix="png"), 160, 120), pre=True)
    a.moderated("2026-11-20 20:05:11.900", dusk, "PASS")
    address = a.say("2026-11-20 20:06:02.310", two, LIN,
                    loc(30.3785, 120.0352, "杭州市余杭区良渚街道雨前巷 8 号", "雨前工作室 Rain-before Studio"))
    voice = a.say("2026-11-20 20:07:15.044", two, ALICE,
                  audio(a.attach("thanks", "thanks.amr", easemob.amr(3), suffix="amr"), 3))
    wrong = a.say("2026-11-20 20:08:41.500", two, LIN, txt("茶叶钱 380，记得周一找我报销"))
    a.recall("2026-11-20 20:09:02.900", LIN, wrong, "发错了，是给周衡的")
    coat = a.say("2026-11-20 20:09:20.115", two, LIN, txt("带件外套，窑边热，院子里冷。"))
    a.read("2026-11-20 20:09:26.400", ALICE, coat)
    # Its callback comes after that of its own edit.
    gift = a.say("2026-11-20 20:10:48.630", two, ALICE,
                 txt("Will do. I'm bringing oolong from Bristel — 开玩笑的，英国不产乌龙"), late=18.0)
    a.edit("2026-11-20 20:11:05.212", ALICE, gift,
           txt("Will do. I'm bringing oolong from Bristol — 开玩笑的，英国不产乌龙 🍵"))
    a.read_all("2026-11-20 20:15:00.020", LIN, two, gift)

    a.group_event("2026-11-20 20:20:00.231", group, "CREATE", LIN, {
        "role": {LIN: "owner"}, "member": [ALICE, ZHOU, MEI], "info": {
            "owner": f"{APP}_{LIN}", "created": str(easemob.milliseconds("2026-11-20 20:20:00.199")), "custom": "",
            "description": "开窑、午饭、茶会", "mute": "false", "mute_duration": -1, "avatar": "",
            "title": "雨前茶会 · Tea before the rain", "max_users": "200", "invite_need_confirm": "false",
            "public": "false", "allow_user_invites": "true", "disabled": "false",
            "last_modified": str(easemob.milliseconds("2026-11-20 20:20:00.199"))}},
        sdk={"operation": "create", "name": "雨前茶会 · Tea before the rain"})
    group.members.append(TOM)
    a.muc("2026-11-20 20:20:40.018", group, "presence", TOM, group.number,
          sdk={"operation": "memberPresence", "memberCount": 5})
    a.group_event("2026-11-20 20:20:40.090", group, "JOIN", LIN, {"member": [TOM], "type": "INVITE"})
    plan = a.say("2026-11-20 20:22:05.667", group, LIN,
                 txt("大家好，明天的安排：9:00 开窑，12:00 午饭，14:00 茶会。收到请已读 🙏"),
                 group_receipt=True, offline=[TOM], pre=True)
    a.read("2026-11-20 20:22:14.020", ZHOU, plan, count=1)
    a.read("2026-11-20 20:22:31.770", ALICE, plan, count=2)
    a.read("2026-11-20 20:23:02.040", MEI, plan, count=3)
    a.pushed("2026-11-20 20:22:06.410", plan, TOM, "success", channel="APNS", device_id="bcf1eb81-2ee0-4a6f",
             data={"accepted": True}, device_token="0123456789abcdef-invented", notifier_name="atelier_apns")
    a.say("2026-11-20 20:23:10.300", group, ZHOU, txt("收到！我负责带相机。"), offline=[TOM])
    a.say("2026-11-20 20:24:02.811", group, MEI, txt("收到，我带点心：桂花糕和绿豆饼。"), offline=[TOM])
    teaser = a.say("2026-11-20 20:25:33.140", group, ALICE,
                   txt("Got it! I can translate for Tom if he's still learning."))
    a.online("2026-11-20 20:25:58.000", TOM, "online", "login", "android", "4.16.1")
    lottery = a.say("2026-11-20 20:26:20.404", group, TOM,
                    txt("我学中文三年了！Only the tones are still a lottery."),
                    ext={"msgQuote": {"msgID": teaser.id, "msgPreview": teaser.body["msg"],
                                      "msgSender": ALICE, "msgType": "txt"}})
    a.react("2026-11-20 20:26:31.002", MEI, lottery, "😂")
    a.react("2026-11-20 20:26:35.777", ALICE, lottery, "😂")
    a.react("2026-11-20 20:26:50.130", LIN, lottery, "👍")
    # Targeted: only the chosen receivers' SDKs show it, and only the sender's says who was chosen.
    a.say("2026-11-20 20:28:11.909", group, LIN, txt("（悄悄）明天是 Tom 的生日，我订了小蛋糕，别告诉他。"),
          receivers=[ALICE, ZHOU], via=("taps",))
    a.say("2026-11-20 20:29:00.505", group, ALICE, txt("Secret's safe with me. I'll get candles 🕯️"),
          receivers=[LIN, ZHOU], via=("taps",))
    a.say("2026-11-20 20:31:45.360", group, ZHOU,
          file(a.attach("recipes", "釉料配方 glaze-recipes.csv", RECIPES, suffix="bin")))
    a.group_event("2026-11-20 20:33:20.000", group, "UPDATE", LIN,
                  {"type": "ANNOUNCEMENT", "announcement": "周六九点，准时。Nine sharp on Saturday."},
                  sdk={"operation": "updateAnnouncement", "announcement": "周六九点，准时。Nine sharp on Saturday."})
    a.pin("2026-11-20 20:34:02.450", LIN, plan)
    a.close("2026-11-20 22:41:09.300", "alice-web")
    a.online("2026-11-20 22:41:09.330", ALICE, "offline", "logout", "webim", "4.17.0")

    # ---------------------------------------------------------------- Saturday: the kiln, forwarded three times over
    a.open("2026-11-21 08:40:00.000", "alice-web", ALICE)
    a.online("2026-11-21 08:40:00.030", ALICE, "online", "login", "webim", "4.17.0")
    a.say("2026-11-21 08:50:12.250", two, ALICE, txt("At the gate. Which bell, the fish or the bird?"),
          online_only=True, via=("callback", "taps"))
    a.say("2026-11-21 08:50:30.180", two, LIN, txt("鱼。鸟是邻居家的。The fish; the bird is the neighbours'."))
    a.say("2026-11-21 09:02:40.077", group, ZHOU,
          video(a.attach("opening", "开窑 opening.mp4", length=4_812_390),
                a.attach("opening-thumbnail", "opening.jpg", length=20_118), 12, 1280, 720))
    cup = a.say("2026-11-21 09:05:18.212", group, TOM,
                img(a.attach("cup", "my-first-cup.png", picture(cup=True), suffix="png"), 160, 120))
    a.react("2026-11-21 09:05:40.660", LIN, cup, "❤️")
    thread = Chat("thread", [LIN, ALICE, TOM], "271641210912771", parent=cup, name="开片 · Crackle")
    a.say("2026-11-21 09:10:02.555", thread, LIN, txt("这叫开片，釉和胎收缩得不一样。"))
    purpose = a.say("2026-11-21 09:10:40.019", thread, ALICE, txt("So the cracks are on purpose?"))
    a.thread_updated("2026-11-21 09:10:40.040", thread, purpose, 2)
    expected = a.say("2026-11-21 09:11:25.342", thread, LIN,
                     txt("是意料之中，不是故意。Expected, not intended — like most of us."))
    a.thread_updated("2026-11-21 09:11:25.360", thread, expected, 3)

    # One level: pieces of the single chat. Two: that, with what the group said. Three: that again, for Alice.
    def forward(when, chat, sender, label, title, summary, messages, level, pre=False):
        bundle = a.attach(label, "combine", combine_file(APP, messages), suffix="bin")
        return a.say(when, chat, sender, combine(bundle, title, summary, CUT_SHORT, level), pre=pre)

    one = forward("2026-11-21 10:00:03.700", group, ALICE, "bundle-1", "林晚和 Alice 的聊天记录",
                  "林晚: Alice，你到杭州了吗？…\nAlice Moore: [图片]\n林晚: [位置]\nAlice Moore: [语音]",
                  [arrived, landed, dusk, address, voice, gift], 1, pre=True)
    inside = a.say("2026-11-21 10:01:20.900", group, MEI, txt("原来“窑火不等人”是这么来的 😄"))
    two_levels = forward("2026-11-21 10:05:44.303", boys, ZHOU, "bundle-2", "雨前茶会的聊天记录",
                         "Tom Baker: 我学中文三年了！…\nAlice Moore: [聊天记录]\n陈梅: 原来“窑火不等人”…",
                         [lottery, one, inside], 2)
    a.read("2026-11-21 10:06:01.030", TOM, two_levels)
    answer = a.say("2026-11-21 10:06:32.480", boys, TOM, txt("Ha, potter's nine! Passing this on."))
    three = forward("2026-11-21 10:20:09.091", english, TOM, "bundle-3", "Chat history: 周衡 and Tom",
                    "周衡: [聊天记录]\nTom Baker: Ha, potter's nine!…", [two_levels, answer], 3)
    a.delivered("2026-11-21 10:20:09.300", ALICE, three)
    a.say("2026-11-21 10:21:15.820", english, ALICE,
          txt("You forwarded me my own joke through three people. 我很感动。"))
    a.say("2026-11-21 10:22:00.610", english, TOM,
          custom("birthday_card", name="Tom", age="29", cake="桂花 osmanthus", link="https://tea.example/cards/29"))
    # The group remembers it better than it was: an inner message edited after it was forwarded, another recalled.
    a.edit("2026-11-21 10:30:12.004", TOM, lottery,
           txt("我学中文三年半了！Only the tones are still a lottery."))
    a.recall("2026-11-21 10:31:40.330", MEI, inside)
    a.close("2026-11-21 10:40:00.100", "alice-web")
    a.close("2026-11-21 10:40:11.900", "lin-mini")

    # The receiver of callbacks was down for eight minutes: only the history file has these.
    a.say("2026-11-21 15:02:11.840", group, ZHOU, txt("茶会照片我晚上整理，先发两张。"), via=("history",))
    a.say("2026-11-21 15:03:27.015", group, MEI, txt("Tom 吹蜡烛那张一定要有！"), via=("history",))
    a.say("2026-11-21 15:09:58.566", group, TOM, txt("Best birthday in years. 谢谢大家 🎂"), via=("history",))

    a.open("2026-11-21 16:00:00.020", "alice-web-2", ALICE)
    a.group_event("2026-11-21 16:01:00.000", group, "UPDATE", LIN, {"mute": True, "type": "MUTE"},
                  sdk={"operation": "muteAllMembers"})
    a.refused("2026-11-21 16:01:30.444", group, ALICE, txt("Is the ceremony starting?"), 507, "you were muted",
              server_id=False)
    a.say("2026-11-21 16:02:00.700", group, LIN, txt("喝茶的时候，手机也安静一会儿。十分钟。"))
    a.group_event("2026-11-21 16:12:00.000", group, "UPDATE", LIN, {"mute": False, "type": "MUTE"},
                  sdk={"operation": "unmuteAllMembers"})
    a.say("2026-11-21 16:12:31.250", group, ALICE, txt("That was the best ten minutes of my year."))
    a.close("2026-11-21 16:30:00.000", "alice-web-2")

    # ---------------------------------------------------------------- Saturday night: the live room
    a.open("2026-11-21 19:58:00.000", "lin-live", LIN)
    a.open("2026-11-21 19:59:20.000", "alice-live", ALICE)
    a.muc("2026-11-21 19:59:00.008", room, "create", LIN, LIN, reason="")
    for when, user in (("2026-11-21 19:59:30.500", ALICE), ("2026-11-21 19:59:41.120", TOM),
                       ("2026-11-21 19:59:55.909", MEI)):
        room.members.append(user)
        a.muc(when, room, "presence", user, room.number,
              sdk={"operation": "memberPresence", "memberCount": len(room.members)})
    a.say("2026-11-21 20:00:05.300", room, LIN, txt("欢迎来到开窑直播间！Welcome, everyone."), priority="high",
          broadcast=True)
    a.say("2026-11-21 20:00:41.003", room, MEI, txt("前排 🪑"), priority="low")
    a.say("2026-11-21 20:01:12.640", room, TOM, custom("gift", name="窑火 Kiln fire", count="3", price="66.00"),
          priority="high", pre=True)
    a.say("2026-11-21 20:01:13.120", room, MEI, custom("gift", name="桂花糕", count="1", price="6.60"),
          priority="high")
    asked = a.say("2026-11-21 20:02:20.018", room, ALICE, txt("How hot does it get? 多少度？"))
    a.say("2026-11-21 20:02:48.770", room, LIN, txt("一千二百六十度。1260 °C at the cone."))
    a.keyword_alert("2026-11-21 20:02:20.600", asked, [], "through", "pass")
    advert = a.refused("2026-11-21 20:04:10.404", room, ALICE, txt("加微信 leaf-88 低价代购青瓷"), 501,
                       "sensitive words")
    a.keyword_alert("2026-11-21 20:04:10.800", advert, ["低价代购"], "intercepted", "refuse")
    a.muc("2026-11-21 20:05:00.400", room, "add_mute", LIN, MEI)
    a.group_event("2026-11-21 20:05:00.470", room, "MUTE", LIN, {
        "member": [MEI], "expire_timestamp": easemob.milliseconds("2026-11-21 20:15:00"), "type": "ADD"},
        sdk={"operation": "muteMember", "userId": MEI})
    a.group_event("2026-11-21 20:15:00.020", room, "MUTE", LIN, {"member": [MEI], "type": "REMOVE"})
    room.members.remove(TOM)
    a.muc("2026-11-21 20:20:30.930", room, "absence", TOM, room.number,
          sdk={"operation": "memberAbsence", "memberCount": 3})
    a.say("2026-11-21 20:21:10.000", room, LIN, txt("今天就到这儿，晚安。Good night 🌙"))
    a.close("2026-11-21 20:30:00.000", "lin-live")
    a.close("2026-11-21 20:30:05.000", "alice-live")

    # ---------------------------------------------------------------- Sunday: leaving
    a.open("2026-11-22 09:55:00.000", "alice-web-3", ALICE)
    a.open("2026-11-22 09:57:00.000", "lin-mini-2", LIN)
    a.presence("2026-11-22 09:58:00.000", LIN, "在窑边 · By the kiln", [ALICE])
    a.refused("2026-11-22 10:00:20.002", two, ALICE, txt("Invoice: http://pay.example/inv?id=42"), 502,
              "link-not-allowed", pre=True)
    bye = a.say("2026-11-22 10:01:03.330", two, ALICE,
                txt("My own spam filter stopped my invoice. I'll pay you in biscuits 🍪"))
    a.delivered("2026-11-22 10:01:03.480", LIN, bye)
    order = a.say("2026-11-22 10:02:45.910", two, LIN,
                  custom("order_card", order="YQ-2026-0118", item="粉青杯 × 2 celadon cups", price="¥360.00"))
    a.read("2026-11-22 10:03:00.700", ALICE, order, late=3.0)
    last = a.say("2026-11-22 10:04:17.123", two, LIN,
                 txt("路上小心。下次来，茶还是热的。\nTravel well; the tea will be hot when you come back."))
    a.read_all("2026-11-22 10:05:00.000", ALICE, two, last)
    a.pushed("2026-11-22 10:04:18.020", last, ALICE, "fail", detail="no push binding")
    group.members.remove(ZHOU)
    a.muc("2026-11-22 11:00:00.240", group, "absence", ZHOU, group.number,
          sdk={"operation": "memberAbsence", "memberCount": 4})
    a.group_event("2026-11-22 11:00:00.300", group, "LEAVE", ZHOU, {"member": [ZHOU], "type": "QUIT"})
    a.close("2026-11-22 11:30:00.000", "alice-web-3")
    a.close("2026-11-22 11:31:00.000", "lin-mini-2")
    a.online("2026-11-22 11:31:00.020", LIN, "offline", "logout", "ios", "4.17.0")


def main():
    here = pathlib.Path(__file__).resolve().parent
    archive = Recorder(APP, SECRET, NAMES)
    tell(archive)
    wanted = archive.files()
    folders = ["attachments", "callbacks", "history", "taps"]
    present = {p.relative_to(here).as_posix(): p for f in folders for p in (here / f).glob("*") if p.is_file()}

    def same(name):
        if name not in present:
            return False
        found = present[name].read_bytes()
        # Two zlibs may deflate the same lines differently; what they hold is what counts.
        return gzip.decompress(found) == gzip.decompress(wanted[name]) if name.endswith(".gz") else found == wanted[name]

    changed = sorted(name for name in wanted if not same(name))
    extra = sorted(set(present) - set(wanted))
    if sys.argv[1:] == ["--check"]:
        for name in changed + extra:
            print(f"error: {name} is not what make.py writes", file=sys.stderr)
        if changed or extra:
            print("hint: run python3 Samples/archive/make.py and commit the result", file=sys.stderr)
            return 1
        print(f"{len(wanted)} sample files are what make.py writes")
        return 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 64
    for name in extra:
        present[name].unlink()
    for name in changed:
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_bytes(wanted[name])
    print(f"{len(wanted)} files, {len(changed)} written, {len(extra)} removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
