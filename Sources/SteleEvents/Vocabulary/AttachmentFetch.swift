// SPDX-License-Identifier: Apache-2.0

/// A try to get an attachment's content: an archive's own record, by import or download.
///
/// ```
/// {"kind":"attachment","uuid":"…","part":"thumbnail","outcome":"expired","again":false,"began":"2026-11-23T…Z",
///  "milliseconds":41,"url":"https://…","status":404,"why":"file_expired","source":"fetch"}
/// ```
///
/// A member that has nothing to say is absent; `part` is, for the file itself. No member ever holds a secret.
public struct AttachmentFetch: Hashable, Sendable {
    /// The UUID after `/chatfiles/`.
    public var uuid: String
    public var part = FileName.Part.file
    /// `stored`, or why not: `expired`, `forbidden`, `too big`, `mismatch` ….
    public var outcome: String
    /// Of the content, in hexadecimal; nil when nothing was kept.
    ///
    /// Also of content that is not what the message says: it is kept, and the outcome is `mismatch`.
    public var sha256: String?
    /// Of the content that was kept, or that the server said there was.
    public var bytes: Int64?
    /// When the try began; nil for an import.
    public var began: Instant?
    /// Whether there will be another try without anybody asking for it.
    public var isAgain = false
    /// The server's answer, or what kept it from answering, in a few words.
    public var why: String?

    public init(uuid: String, outcome: String, sha256: String?, bytes: Int64?) {
        self.uuid = uuid
        self.outcome = outcome
        self.sha256 = sha256
        self.bytes = bytes
    }

    public var name: FileName { FileName(uuid: uuid, part: part) }
}

/// From when on attachments are fetched, or no longer are: an archive's own record.
///
/// ```
/// {"kind":"fetching","on":true,"began":"2026-11-23T…Z","kinds":["image","voice"]}
/// ```
public struct FetchingSwitch: Hashable, Sendable {
    public var isOn: Bool
    public var began: Instant
    /// Which files are asked for while it is on.
    public var kinds: [FileKind]

    public init(isOn: Bool, began: Instant, kinds: [FileKind]) {
        self.isOn = isOn
        self.began = began
        self.kinds = kinds
    }
}
