// SPDX-License-Identifier: Apache-2.0

/// Why bytes are no checkpoint, or not one to rely on: each rule of C2SP `signed-note` and `tlog-checkpoint`.
package enum NoteRefusal: Error, Hashable, Sendable {
    // The form of a signed note.
    case tooLarge
    case notUTF8
    case controlCharacter
    case noLastLineFeed
    case noSignatures
    case tooManySignatures
    case malformedSignature(line: Int)

    // The form of a checkpoint's text.
    case tooFewLines
    case emptyLine
    case malformedSize
    case malformedRoot

    // Who signed it.
    case unknownSigner
    case wrongSignature
}

extension NoteRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge: "it is larger than the \(SignedNote.maximumByteCount) bytes a signed note may have"
        case .notUTF8: "it is not UTF-8"
        case .controlCharacter: "it holds a control character other than the line feed"
        case .noLastLineFeed: "it does not end with a line feed"
        case .noSignatures: "it has no signature lines after an empty line"
        case .tooManySignatures: "it has more than \(SignedNote.maximumSignatureCount) signatures"
        case .malformedSignature(let line):
            "line \(line) is not an em dash, a key name and the base64 of key ID and signature"
        case .tooFewLines: "its text is not an origin, a size and a root on three lines"
        case .emptyLine: "its text has an empty line"
        case .malformedSize: "its second line is not a decimal number without leading zeros"
        case .malformedRoot: "its third line is not the base64 of 32 bytes"
        case .unknownSigner: "no key that is trusted here has signed it"
        case .wrongSignature: "its signature does not hold: the text was changed, or another key made it"
        }
    }
}
