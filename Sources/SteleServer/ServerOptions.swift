// SPDX-License-Identifier: Apache-2.0

/// What the HTTP service allows its clients.
package struct ServerOptions: Sendable {
    /// Host name or address to listen on.
    package var host = "127.0.0.1"
    /// Port to listen on; 0 takes a free one.
    package var port = 8080
    /// Largest callback in bytes.
    ///
    /// The platform's messages stay below 5 KB, its group events below 100 KB.
    package var maximumCallbackBytes = 1 << 20
    /// Largest body of a tap request in bytes; it is held in memory.
    package var maximumTapBytes = 16 << 20
    /// How long a client may take to send one body.
    package var bodyTimeout = Duration.seconds(30)
    /// How long a connection may be silent before it is closed.
    package var idleTimeoutSeconds: Int64 = 60
    /// Connections open at once; further ones wait.
    package var maximumConnections = 4096
    /// Whether `/tap` takes lines.
    ///
    /// Nothing signs them, so a server that others can reach should not by default.
    package var isTapOpen = true
    /// Web pages that may post to `/tap`, by their origin: `https://app.example`.
    ///
    /// A page of any other origin is refused, on loopback too.
    package var tapOrigins: Set<String> = []

    package init() {}

    /// Whether only this machine can connect.
    package static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }
}
