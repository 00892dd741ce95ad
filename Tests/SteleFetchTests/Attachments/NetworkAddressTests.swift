// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SteleFetch

@Suite("Public addresses")
struct NetworkAddressTests {
    @Test(
        "what belongs to somebody's inside is not public",
        arguments: [
            "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
            "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1",
            "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1",
            "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
            "fd12:3456::1",
            "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1",
            "2001:db8::1", "2001::1", "2001:10::1", "2002:7f00:1::1", "3fff::1", "::7f00:1", "4000::1",
            "100::1",
        ])
    func inside(text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(!address.isPublic)
    }

    @Test(
        "what anybody may reach is public",
        arguments: [
            "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888",
            "::ffff:1.1.1.1", "64:ff9b::101:101", "2001:200::1",
        ])
    func outside(text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(address.isPublic)
    }

    @Test("an address is written as it was read", arguments: ["192.0.2.1", "2001:db8::1", "::1"])
    func written(text: String) throws {
        #expect(try #require(NetworkAddress(text)).description == text)
    }

    @Test("a name is no address", arguments: ["", "localhost", "127.1", "0x7f000001", "[::1]", "1.2.3.4.5"])
    func names(text: String) { #expect(NetworkAddress(text) == nil) }
}
