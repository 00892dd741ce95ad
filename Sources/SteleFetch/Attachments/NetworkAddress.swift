// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An IPv4 (4 bytes) or IPv6 (16 bytes) address.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads `192.0.2.1` or `2001:db8::1`; nil for anything else.
    package init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: six) { Array($0) }
        } else {
            return nil
        }
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: 64)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "\(bytes)" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the address is one of the public network's: what anybody may reach, and what belongs to nobody's inside.
    ///
    /// By the special-purpose registries of IANA (RFC 6890 and what it was extended by). Addresses that carry an IPv4
    /// one in them are judged by that; tunnels (6to4, Teredo) are not public, for they may end anywhere.
    package var isPublic: Bool {
        guard bytes.count == 16 else { return bytes.count == 4 && Self.isPublic(bytes[...]) }
        // ::ffff:0:0/96, an IPv4 address in other words; 64:ff9b::/96, one behind a translator.
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            return Self.isPublic(bytes[12...])
        }
        if bytes[..<4] == [0x00, 0x64, 0xFF, 0x9B], bytes[4..<12].allSatisfy({ $0 == 0 }) {
            return Self.isPublic(bytes[12...])
        }
        // 2000::/3 is all that is given out; in it, what is not for everybody.
        guard bytes[0] & 0xE0 == 0x20 else { return false }
        let isProtocol = bytes[..<2] == [0x20, 0x01] && bytes[2] < 2  // 2001::/23, Teredo in it
        let isDocumentation =
            bytes[..<4] == [0x20, 0x01, 0x0D, 0xB8] || (bytes[..<2] == [0x3F, 0xFF] && bytes[2] < 0x10)
        let is6to4 = bytes[..<2] == [0x20, 0x02]
        return !isProtocol && !isDocumentation && !is6to4
    }

    private static func isPublic(_ four: ArraySlice<UInt8>) -> Bool {
        let address = four.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return !notPublic.contains { address >> (32 - $0.bits) == $0.network >> (32 - $0.bits) }
    }

    private static let notPublic: [(network: UInt32, bits: UInt32)] = [
        (0x0000_0000, 8),  // this network
        (0x0A00_0000, 8),  // private
        (0x6440_0000, 10),  // behind a carrier's NAT
        (0x7F00_0000, 8),  // loopback
        (0xA9FE_0000, 16),  // link-local, and the clouds' metadata services
        (0xAC10_0000, 12),  // private
        (0xC000_0000, 24),  // protocol assignments
        (0xC000_0200, 24),  // documentation
        (0xC058_6300, 24),  // 6to4 relays
        (0xC0A8_0000, 16),  // private
        (0xC612_0000, 15),  // benchmarks
        (0xC633_6400, 24),  // documentation
        (0xCB00_7100, 24),  // documentation
        (0xE000_0000, 4),  // multicast
        (0xF000_0000, 4),  // reserved, broadcast
    ]
}
