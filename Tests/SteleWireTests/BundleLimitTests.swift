// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTestSupport
import Testing

@testable import SteleWire

struct BundleLimitTests {
    static func text(_ text: String, id: String = "1418038744321099732") -> BundleMessage {
        BundleMessage(
            id: MessageID(id), app: AppKey("easemob-demo#support"), from: UserID("alice"), to: "bob",
            kind: .chat,
            time: Instant(milliseconds: 1_747_727_673_580), body: .text(text))
    }

    static func combine(level: Int) -> BundleMessage {
        var message = text("")
        message.body = .combine(
            Combine(title: "t", summary: "s", compatibleText: "c", level: level, bundle: Attachment()))
        return message
    }

    /// The check byte that makes any bytes a file.
    static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        var check: UInt8 = 0
        for offset in stride(from: 3, to: bytes.count, by: 2) { check ^= bytes[offset] }
        return bytes + [check]
    }

    static func code(_ bytes: [UInt8]) -> BundleError.Code? {
        do throws(BundleError) {
            _ = try Bundle(file: bytes)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("takes 300 messages and no more, both ways")
    func countLimit() throws {
        let full = Bundle(messages: Array(repeating: Self.text("x"), count: Bundle.maximumMessages))
        let file = try full.encoded()
        #expect(try Bundle(file: file) == full)
        let over = Bundle(messages: full.messages + [Self.text("x")])
        #expect(throws: BundleError.self) { try over.encoded() }
        let one = try Bundle(messages: [Self.text("x")]).encoded().dropFirst(2).dropLast()
        #expect(Self.code(Self.sealed(Array(file.dropLast()) + one)) == .tooManyMessages)
        #expect(throws: BundleError.self) { try Bundle(messages: []).encoded() }
    }

    @Test("takes ten levels and no more", arguments: [1, 9, 10, 11, Int.max - 1])
    func levelLimit(level: Int) throws {
        let bundle = Bundle(messages: [Self.text("x"), Self.combine(level: level)])
        if level < Bundle.maximumLevels {
            #expect(try Bundle(file: bundle.encoded()).level == level + 1)
        } else {
            #expect(throws: BundleError.self) { try bundle.encoded() }
        }
    }

    @Test("refuses to write what the file has no place for")
    func unwritable() throws {
        let odd = Bundle(messages: [Self.text("x"), Self.text("y", id: "5I02W-16-8278a")])
        let error = #expect(throws: BundleError.self) { try odd.encoded() }
        #expect(error?.code == .unwritable)
        #expect(error?.message == 2)
        #expect(error?.description.contains("5I02W-16-8278a") == true)
        var unknown = Self.text("x")
        unknown.body = .unknown(type: "stream")
        #expect(throws: BundleError.self) { try Bundle(messages: [unknown]).encoded() }
    }

    @Test("names what is wrong with a file")
    func names() {
        #expect(Self.code([]) == .notABundle)
        #expect(Self.code(Array("c".utf8)) == .notABundle)
        #expect(Self.code(Array("cm".utf8)) == .notABundle)
        #expect(Self.code(Array("cn\u{0}".utf8)) == .notABundle)
        #expect(Self.code(Array("cm\u{1}".utf8)) == .checksum)
        #expect(Self.code(Self.sealed(Array("cm\u{0}\u{0}".utf8))) == .truncated)
        #expect(Self.code(Self.sealed(Array("cm".utf8) + [0xFF, 0xFF, 0xFF, 0xFF])) == .truncated)
        #expect(Self.code(Self.sealed(Array("cm".utf8) + [0, 0, 0, 2, 0xFF])) == .truncated)
        #expect(Self.code(Self.sealed(Array("cm".utf8) + [0, 0, 0, 1, 0xFF])) == .malformedMessage)
        // A whole file without a message is whole.
        #expect(Self.code(Array("cm\u{0}".utf8)) == nil)
    }

    @Test("nothing that happens to a file does harm", arguments: 0..<40 as Range<UInt64>)
    func fuzz(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let name = random.pick(BundleSampleTests.readable)
        let original = try BundleSampleTests.sample(name).file
        for _ in 0..<200 {
            var bytes = original
            for _ in 0...random.int(in: 0..<4) {
                switch random.int(in: 0..<4) {
                case 0: bytes[random.int(in: 0..<bytes.count)] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.removeSubrange(random.int(in: 0..<bytes.count)..<bytes.count)
                case 2:
                    bytes.insert(
                        contentsOf: random.bytes(random.int(in: 0..<9)),
                        at: random.int(in: 0..<bytes.count + 1))
                default: bytes[random.int(in: 0..<bytes.count)] ^= 1 << UInt8(random.int(in: 0..<8))
                }
                if bytes.isEmpty { bytes = original }
            }
            // Half of them with a check byte that fits, so that the damage is met further in.
            let file = random.chance(oneIn: 2) ? Self.sealed(bytes) : bytes
            guard let bundle = try? Bundle(file: file) else { continue }
            // What could be read is read the same from what is written of it.
            guard let written = try? bundle.encoded() else { continue }
            let again = try Bundle(file: written)
            #expect(again.messages.map(\.id) == bundle.messages.map(\.id), "seed \(seed)")
            #expect(try again.encoded() == written, "seed \(seed)")
        }
    }

    @Test("every cut of a file is refused", arguments: BundleSampleTests.readable)
    func cuts(name: String) throws {
        let file = try BundleSampleTests.sample(name).file
        let whole = try Bundle(file: file)
        for length in 0..<file.count {
            // With a check byte that fits, a cut between two messages gives a shorter bundle and no other.
            guard let cut = try? Bundle(file: Self.sealed(Array(file[..<length]))) else { continue }
            #expect(whole.messages.starts(with: cut.messages), "cut at \(length)")
        }
    }
}
