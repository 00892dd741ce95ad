// SPDX-License-Identifier: Apache-2.0

public import SteleEvents

extension Body {
    /// The words in it, for formats that have one column for them: what was typed, named or pointed at.
    public var plainText: String {
        switch self {
        case .text(let text): text
        case .image, .audio, .video, .file: attachment?.filename ?? ""
        case .location(let place):
            [place.buildingName, place.address].compactMap(\.self).filter { !$0.isEmpty }.joined(
                separator: " ")
        case .command(let action): action
        case .custom(let custom):
            ([custom.event] + custom.fields.map { "\($0.key)=\($0.value.plainText)" }).joined(separator: " ")
        case .combine(let combine):
            [combine.title, combine.summary].filter { !$0.isEmpty }.joined(separator: "\n")
        case .unknown: ""
        }
    }
}

extension FieldValue {
    /// The string, or the JSON text.
    public var plainText: String {
        switch self {
        case .string(let text), .json(let text): text
        }
    }
}
