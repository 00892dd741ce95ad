// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// The value's JSON text without the whitespace between its tokens: one text, however it was laid out.
    public var compactJSON: String {
        let received = bytes
        guard received.contains(where: \.isJSONWhitespace) else { return json }
        var compact: [UInt8] = []
        compact.reserveCapacity(received.count)
        var isInString = false
        var isEscaped = false
        for byte in received {
            if !isInString, byte.isJSONWhitespace { continue }
            compact.append(byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            }
        }
        return String(decoding: compact, as: UTF8.self)
    }
}
