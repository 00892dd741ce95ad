// SPDX-License-Identifier: Apache-2.0

import Dispatch

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Which addresses a host name has.
package struct Resolver: Sendable {
    /// Empty for a name that has none.
    package let addresses: @Sendable (String) async -> [NetworkAddress]

    package init(addresses: @escaping @Sendable (String) async -> [NetworkAddress]) {
        self.addresses = addresses
    }

    /// The system's own, in the order in which it wants them tried.
    ///
    /// Also reads every form of a number that a system takes for an address (`0x7f.1`), so nothing slips by as a name.
    package static let system = Resolver { host in
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: lookUp(host)) }
        }
    }

    /// Asking the system blocks, and for long where the network is gone: no other work shares this queue.
    private static let queue = DispatchQueue(label: "stele.resolver", attributes: .concurrent)

    private static func lookUp(_ host: String) -> [NetworkAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_flags = AI_ADDRCONFIG
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [NetworkAddress] = []
        var next = list
        while let entry = next {
            if let address = address(entry.pointee), !found.contains(address) { found.append(address) }
            next = entry.pointee.ai_next
        }
        return found
    }

    private static func address(_ entry: addrinfo) -> NetworkAddress? {
        guard let socket = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            return socket.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                NetworkAddress(withUnsafeBytes(of: address.pointee.sin_addr) { Array($0) })
            }
        case AF_INET6:
            return socket.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                NetworkAddress(withUnsafeBytes(of: address.pointee.sin6_addr) { Array($0) })
            }
        default: return nil
        }
    }
}
